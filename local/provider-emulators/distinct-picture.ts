import { differenceHash, hashDistance } from "../preview/garment/difference-hash.ts";

type Hash = Awaited<ReturnType<typeof differenceHash>>;

/** Pictures nearer than this look alike at a glance (64-bit difference hash). */
const DISTANCE_MIN = 9;
const TRIES_MAX = 5;
const REMEMBERED_MAX = 200;

/**
 * Makes a picture that differs from those made lately, by another seed when the first is too near one of them; after
 * five tries the farthest is taken. Pictures of another shape are not compared.
 */
export class DistinctPictures {
  readonly #made: { readonly shape: string; readonly hash: Hash }[] = [];

  async make(shape: string, draw: () => Promise<Uint8Array>): Promise<Uint8Array> {
    let best: { picture: Uint8Array; hash: Hash; distance: number } | undefined;
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const picture = await draw();
      const hash = await differenceHash(picture);
      const distance = this.#nearest(shape, hash);
      if (best === undefined || distance > best.distance) best = { picture, hash, distance };
      if (distance >= DISTANCE_MIN) break;
    }
    if (best === undefined) throw new Error("no picture was drawn");
    this.#made.push({ shape, hash: best.hash });
    if (this.#made.length > REMEMBERED_MAX) this.#made.shift();
    return best.picture;
  }

  #nearest(shape: string, hash: Hash): number {
    const distances = this.#made
      .filter((made) => made.shape === shape)
      .map((made) => hashDistance(made.hash, hash));
    return Math.min(64, ...distances);
  }
}
