/**
 * What Ark documents of each Seedream model (page 82379/1541523): what `image-generator` checks before anything
 * is sent. Which of it customers may ask for is the caller's own, narrower table.
 */
export type SeedreamModel = {
  /** As Ark wants it: lower case. */
  readonly id: string;
  /** Names for the same model. */
  readonly aliases: readonly string[];
  readonly sizeTiers: readonly string[];
  /** Width times height, when the size is said in pixels. */
  readonly pixelsMin: number;
  readonly pixelsMax: number;
  readonly referencesMax: number;
  /** Values of `optimize_prompt_options.mode`. */
  readonly optimizeModes: readonly ("standard" | "fast")[];
  /** Whether `output_format` may be said; the others always answer JPEG. */
  readonly takesOutputFormat: boolean;
};

/** Longer side to shorter, for every model. */
export const SEEDREAM_RATIO_MAX = 16;

export const SEEDREAM_MODELS: readonly SeedreamModel[] = [
  {
    id: "doubao-seedream-4-0-250828",
    aliases: [],
    sizeTiers: ["1K", "2K", "4K"],
    pixelsMin: 921_600,
    pixelsMax: 16_777_216,
    // Later pages say 14; 10 is sure.
    referencesMax: 10,
    optimizeModes: ["standard", "fast"],
    takesOutputFormat: false,
  },
  {
    id: "doubao-seedream-4-5-251128",
    aliases: [],
    sizeTiers: ["2K", "4K"],
    pixelsMin: 3_686_400,
    pixelsMax: 16_777_216,
    referencesMax: 14,
    optimizeModes: ["standard"],
    takesOutputFormat: false,
  },
  {
    id: "doubao-seedream-5-0-260128",
    aliases: ["doubao-seedream-5-0-lite-260128"],
    sizeTiers: ["2K", "3K"],
    pixelsMin: 3_686_400,
    pixelsMax: 10_404_496,
    referencesMax: 14,
    optimizeModes: ["standard"],
    takesOutputFormat: true,
  },
];

/** What every model takes as a reference picture, upright: sides longer than 14 px and at most 16 to 1, up to 36 MP. */
const REFERENCE_LIMITS = { sideMin: 15, ratioMax: SEEDREAM_RATIO_MAX } as const;

/** Why no model takes a picture of this size as a reference, with the cure; null when they do. */
export function referenceFault({
  width,
  height,
}: {
  readonly width: number;
  readonly height: number;
}): string | null {
  const { sideMin, ratioMax } = REFERENCE_LIMITS;
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  const size = `${width}x${height}`;
  if (short < sideMin) {
    return `it has ${size} pixels, and each side needs ${sideMin} at least: send a larger picture`;
  }
  if (long > short * ratioMax) {
    return `it has ${size} pixels, and no side may be longer than ${ratioMax} times the other: crop it`;
  }
  return null;
}

/** The model of an id or an alias, whatever its case. */
export function findSeedreamModel(id: string): SeedreamModel | undefined {
  const name = id.toLowerCase();
  return SEEDREAM_MODELS.find((model) => model.id === name || model.aliases.includes(name));
}

/** An account's own endpoint of Ark: which model is behind it, it does not say. */
export function isArkEndpoint(id: string): boolean {
  return /^ep-[\w-]+$/.test(id);
}
