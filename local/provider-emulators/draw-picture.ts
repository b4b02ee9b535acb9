import { createHash } from "node:crypto";
import { hashOf } from "../preview/garment/cut-out-cache.ts";
import type { PreviewRequest } from "../preview/make-preview.ts";
import type { DistinctPictures } from "./distinct-picture.ts";

/** What the image routes keep between requests; all of it bounded. */
export interface ImagesState {
  readonly draw: (request: PreviewRequest) => Promise<Uint8Array>;
  /** The next seed of each combination of prompt, photos and size. */
  readonly seeds: Map<string, number>;
  readonly distinct: DistinctPictures;
  /** Pictures that answers point to. */
  readonly made: Map<string, Uint8Array>;
}

export interface PictureSpec {
  readonly prompt: string;
  readonly photos: readonly Uint8Array[];
  readonly width: number;
  readonly height: number;
}

const SEEDS_MAX = 5000;
const MADE_MAX = 200;

/** A preview of the garment; equal requests give different pictures. */
export async function drawPicture(spec: PictureSpec, state: ImagesState): Promise<Uint8Array> {
  const { prompt, photos, width, height } = spec;
  const shape = `${width}x${height}`;
  const combination = [prompt, shape, ...photos.map(hashOf)].join("\n");
  return state.distinct.make(shape, () => {
    const seed = nextSeed(state.seeds, combination);
    return state.draw({ photos, prompt, width, height, seed });
  });
}

/** Keeps a picture for who fetches it; its address. */
export function publishPicture(picture: Uint8Array, origin: string, state: ImagesState): string {
  const id = hashOf(picture).slice(0, 32);
  state.made.delete(id);
  state.made.set(id, picture);
  dropOldest(state.made, MADE_MAX);
  return `${origin}/made/${id}.jpg`;
}

// No provider takes a seed, and the n requests of one task are identical: each gets the next one in turn.
function nextSeed(seeds: Map<string, number>, combination: string): number {
  const key = createHash("sha256").update(combination).digest("base64");
  const seed = seeds.get(key) ?? 0;
  seeds.delete(key);
  seeds.set(key, seed + 1);
  dropOldest(seeds, SEEDS_MAX);
  return seed;
}

function dropOldest(map: Map<string, unknown>, sizeMax: number): void {
  const oldest = map.keys().next().value;
  if (map.size > sizeMax && oldest !== undefined) map.delete(oldest);
}
