import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import sharp, { type OverlayOptions, type Sharp } from "sharp";
import { isSimilar } from "../core/function-schemas/perceptual-hash.ts";
import { perceptualHash } from "../scf-functions/shared/perceptual-hash.ts";

/**
 * How well the prompt cache knows a photo again: every photo encoded anew at three qualities and two sizes must be
 * found, no two different garments may be taken for one, nor the same photo in another colour or with a badge on it.
 *
 *     bun bench/prompt-similarity.ts [--photos <folder of .jpg>]
 */
const QUALITIES = [90, 60, 30] as const;
const SCALES = [1, 0.5] as const;
const WORK_MS = 30_000;

type Photo = {
  readonly name: string;
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
  readonly hash: string;
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      photos: { type: "string", default: process.env["DRAPE_PHOTOS"] },
    },
  });
  if (values.photos === undefined) throw new Error("say where the photos are: --photos <folder>");
  const photos = await readPhotos(values.photos);
  const again = await foundAgain(photos);
  const pairs = photos.flatMap((one, at) => photos.slice(at + 1).map((other) => [one, other]));
  const confused = pairs.filter(([one, other]) => isSimilar(one?.hash ?? "", other?.hash ?? ""));
  const copies = photos.length * QUALITIES.length * SCALES.length;
  print(`encoded anew    ${again.found} of ${copies} found`);
  print(`other garments  ${confused.length} of ${pairs.length} pairs taken for one, 0 allowed`);
  for (const [what, count] of await takenForTheSame(photos)) {
    print(`${what.padEnd(15)} ${count} of ${photos.length} taken for the photo, 0 allowed`);
  }
  print(`time            ${(again.ms / copies).toFixed(1)} ms a hash`);
}

async function readPhotos(folder: string): Promise<Photo[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".jpg")).sort();
  return Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(join(folder, name));
      const { width, height } = await sharp(bytes).metadata();
      return { name, bytes, width, height, hash: await perceptualHash(bytes, WORK_MS) };
    }),
  );
}

async function foundAgain(photos: readonly Photo[]) {
  let found = 0;
  let ms = 0;
  for (const { bytes, width, hash } of photos) {
    for (const scale of SCALES) {
      for (const quality of QUALITIES) {
        const image = sharp(bytes).resize({ width: Math.round(width * scale) });
        const copy = await image.jpeg({ quality }).toBuffer();
        const startedMs = performance.now();
        const other = await perceptualHash(copy, WORK_MS);
        ms += performance.now() - startedMs;
        if (isSimilar(hash, other)) found += 1;
      }
    }
  }
  return { found, ms };
}

const CHANGES: Readonly<Record<string, (photo: Photo) => Sharp>> = {
  "another colour": ({ bytes }) => sharp(bytes).modulate({ hue: 60 }),
  "a badge on it": ({ bytes, width, height }) => {
    const side = Math.round(width / 8);
    const badge: OverlayOptions = {
      input: { create: { width: side, height: side, channels: 3, background: "#d02020" } },
      left: Math.round(width * 0.44),
      top: Math.round(height * 0.4),
    };
    return sharp(bytes).composite([badge]);
  },
};

async function takenForTheSame(photos: readonly Photo[]): Promise<[string, number][]> {
  const counts: [string, number][] = [];
  for (const [what, change] of Object.entries(CHANGES)) {
    let taken = 0;
    for (const photo of photos) {
      const other = await perceptualHash(await change(photo).jpeg().toBuffer(), WORK_MS);
      if (isSimilar(photo.hash, other)) taken += 1;
    }
    counts.push([what, taken]);
  }
  return counts;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

await main();
