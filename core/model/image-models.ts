import {
  findSeedreamModel,
  SEEDREAM_MODELS,
  type SeedreamModel,
} from "../function-schemas/seedream-models.ts";
import type { ImageOptions } from "./task-inputs.ts";

/** What customers may ask an image model for: narrower than what the provider takes. */
export type ImageModel = {
  /** As the provider writes it. */
  readonly id: string;
  /** Widths and heights in pixels; the first is used when none is asked for. */
  readonly sizes: readonly [string, ...string[]];
  readonly qualities: readonly ImageOptions["quality"][];
  readonly referencesMax: number;
};

const SMALL_SIZES = [
  "1024x1024",
  "864x1152",
  "1152x864",
  "1280x720",
  "720x1280",
  "832x1248",
  "1248x832",
] as const;
const LARGE_SIZES = [
  "2048x2048",
  "1728x2304",
  "2304x1728",
  "2560x1440",
  "1440x2560",
  "1664x2496",
  "2496x1664",
] as const;
const ALL_SIZES = [...SMALL_SIZES, ...LARGE_SIZES, "3072x3072", "4096x4096"] as const;

export const IMAGE_MODELS: readonly ImageModel[] = SEEDREAM_MODELS.map(imageModelOf);

/** Each model's sizes are those of ours that it makes. */
function imageModelOf(model: SeedreamModel): ImageModel {
  const [first, ...others] = ALL_SIZES.filter((size) => isWithin(model, size));
  if (first === undefined) throw new Error(`no size of ours is one of ${model.id}`);
  return {
    id: model.id,
    sizes: [first, ...others],
    qualities: model.optimizeModes,
    referencesMax: model.referencesMax,
  };
}

function isWithin({ pixelsMin, pixelsMax }: SeedreamModel, size: string): boolean {
  const { width, height } = parseSize(size);
  return width * height >= pixelsMin && width * height <= pixelsMax;
}

/** The most that any of them takes. */
export const REFERENCES_MAX = Math.max(...IMAGE_MODELS.map(({ referencesMax }) => referencesMax));

/** The model of an id, whatever its case (the original contract writes `doubao-Seedream-4-0-250828`). */
export function findImageModel(id: string): ImageModel | undefined {
  const known = findSeedreamModel(id);
  return IMAGE_MODELS.find((model) => model.id === known?.id);
}

/** The model that an operator configured. What is behind an endpoint of their own (`ep-…`) is theirs to know. */
export function configuredModel(id: string): ImageModel {
  const any = { sizes: ALL_SIZES, qualities: ["standard"] } as const;
  return findImageModel(id) ?? { ...any, id, referencesMax: 10 };
}

export function parseSize(size: string): { width: number; height: number } {
  const [width, height] = size.split("x").map(Number);
  return { width: width ?? 0, height: height ?? 0 };
}
