import { expect, test } from "bun:test";
import sharp from "sharp";
import { drawnGarment } from "../samples/drawn-garment.fixture.ts";
import type { SampleKind } from "../samples/sample-shapes.ts";
import { createCutOutCache } from "./garment/cut-out-cache.ts";
import { differenceHash, hashDistance } from "./garment/difference-hash.ts";
import { makePreview } from "./make-preview.ts";
import { sceneIds } from "./garment/recognise.ts";

// Shared by all tests, since cutting out is what takes long.
const cutOuts = createCutOutCache(8);
const drawn = new Map<string, Promise<Uint8Array>>();

function small(kind: SampleKind, index: number): Promise<Uint8Array> {
  const name = `${kind} ${index}`;
  const known = drawn.get(name);
  const photo =
    known ?? drawnGarment(kind, index).then((bytes) => sharp(bytes).resize(420).jpeg().toBuffer());
  drawn.set(name, photo);
  return photo;
}

async function hashesOf(photos: readonly Uint8Array[], prompt: string): Promise<bigint[]> {
  const hashes: bigint[] = [];
  for (const photo of photos) {
    for (const seed of [0, 1, 2, 3]) {
      const options = { photos: [photo], prompt, width: 320, height: 320, seed };
      hashes.push(await differenceHash(await makePreview(options, cutOuts)));
    }
  }
  return hashes;
}

function closest(hashes: readonly bigint[]): number {
  const distances = hashes.flatMap((one, at) =>
    hashes.slice(at + 1).map((other) => hashDistance(one, other)),
  );
  return Math.min(...distances);
}

test.each(["studio", "cafe", "beach"] as const)(
  "the pictures of drawn garments differ from one another in a scene: %s",
  async (scene) => {
    const photos = [await small("t-shirt", 0), await small("dress", 1)];

    const hashes = await hashesOf(photos, `Scene: ${scene}`);

    expect(closest(hashes)).toBeGreaterThan(8);
  },
);

test("a picture is exactly as large as asked, in any shape", async () => {
  const photo = await small("t-shirt", 0);
  const sizes = [
    [256, 768],
    [768, 256],
    [389, 321],
    [1024, 1024],
  ] as const;

  for (const [width, height] of sizes) {
    const options = { photos: [photo], prompt: "公园", width, height, seed: 1 };
    const made = await sharp(await makePreview(options, cutOuts)).metadata();
    expect([made.format, made.width, made.height]).toEqual(["jpeg", width, height]);
  }
});

test("the same request gives the same bytes", async () => {
  const photo = await small("dress", 1);
  const options = { photos: [photo], prompt: "海滩", width: 512, height: 640, seed: 2 };

  const [one, other] = [await makePreview(options, cutOuts), await makePreview(options, cutOuts)];

  expect(Buffer.compare(one, other)).toBe(0);
});

test("every scene can be drawn without a photo", async () => {
  for (const scene of sceneIds) {
    const options = { photos: [], prompt: `Scene: ${scene}`, width: 512, height: 512, seed: 0 };
    const { width } = await sharp(await makePreview(options)).metadata();
    expect(width).toBe(512);
  }
});
