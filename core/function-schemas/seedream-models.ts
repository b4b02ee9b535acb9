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

/** The model of an id or an alias, whatever its case. */
export function findSeedreamModel(id: string): SeedreamModel | undefined {
  const name = id.toLowerCase();
  return SEEDREAM_MODELS.find((model) => model.id === name || model.aliases.includes(name));
}

/** An account's own endpoint of Ark: which model is behind it, it does not say. */
export function isArkEndpoint(id: string): boolean {
  return /^ep-[\w-]+$/.test(id);
}
