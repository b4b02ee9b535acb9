import { describe, expect, test } from "bun:test";
import sharp from "sharp";
import {
  type ImageOperations,
  operationsSchema,
} from "../../core/function-schemas/image-processor.ts";
import { noisePicture, plainPicture } from "../testing/pictures.fixture.ts";
import { reencodePicture } from "./reencode-picture.ts";

// What a result is like is read from its header and its pixels, never from what its report says of it.

const make = (photo: Buffer, operations: ImageOperations, variants: ("list" | "card")[] = []) =>
  reencodePicture(photo, operationsSchema.parse(operations), {
    name: "photo",
    timeoutMs: 20_000,
    variants,
  });

const GREY = 128;

/** In which quarters of a grey picture anything is drawn. */
async function drawnIn(picture: Buffer): Promise<readonly string[]> {
  const { data, info } = await sharp(picture)
    .removeAlpha()
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const quarters = new Set<string>();
  for (const [at, value] of data.entries()) {
    if (Math.abs(value - GREY) < 40) continue;
    const x = at % info.width < info.width / 2 ? "west" : "east";
    const y = Math.floor(at / info.width) < info.height / 2 ? "north" : "south";
    quarters.add(`${y}${x}`);
  }
  return [...quarters];
}

describe("a watermark", () => {
  test.each(["northwest", "northeast", "southwest", "southeast"] as const)(
    "stands on the picture and on each smaller copy, at the corner that was asked for: %s",
    async (position) => {
      const photo = await plainPicture({ width: 1_200, height: 900 }, "#808080").png().toBuffer();
      const watermark = { text: "新款 SALE", position, opacity: 1, scale: 0.3 };

      const made = await make(photo, { watermark, format: "png" }, ["list", "card"]);

      const pictures = [made, ...made.variants];
      expect(pictures).toHaveLength(3);
      for (const { body } of pictures) expect(await drawnIn(body)).toEqual([position]);
    },
  );
});

/** How far the pixels of two pictures are apart, in levels. */
async function meanError(one: Buffer, other: Buffer): Promise<number> {
  const [a = Buffer.alloc(0), b = Buffer.alloc(0)] = await Promise.all(
    [one, other].map((picture) => sharp(picture).removeAlpha().greyscale().raw().toBuffer()),
  );
  let sum = 0;
  for (const [at, value] of a.entries()) sum += Math.abs(value - (b[at] ?? 0));
  return sum / a.length;
}

describe("a quality", () => {
  test.each(["jpeg", "webp", "avif"] as const)(
    "is the one that was asked for in %s: less of it is a smaller file that is further from the photo",
    async (format) => {
      const photo = await noisePicture({ width: 240, height: 180 }).png().toBuffer();

      const [low, middle, high] = await Promise.all(
        [20, 60, 95].map(async (quality) => (await make(photo, { format, quality })).body),
      );

      const errors = await Promise.all(
        [low, middle, high].map((body = Buffer.alloc(0)) => meanError(photo, body)),
      );
      const bytes = [low, middle, high].map((body = Buffer.alloc(0)) => body.byteLength);
      expect(errors).toEqual(errors.toSorted((a, b) => b - a));
      expect(bytes).toEqual(bytes.toSorted((a, b) => a - b));
      expect(new Set(bytes).size).toBe(3);
    },
  );
});

describe("the size of a finished picture", () => {
  test.each([
    [1024, 1024],
    [864, 1152],
    [1280, 720],
    [1, 1],
  ])("is exactly %d x %d by its header, whatever was generated", async (width, height) => {
    for (const size of [
      { width: 640, height: 480 },
      { width: 1_999, height: 1_333 },
    ]) {
      const photo = await plainPicture(size).jpeg().toBuffer();
      const resize = { width, height, mode: "cover", enlarge: true } as const;

      const { body } = await make(photo, { resize, format: "jpeg", quality: 92 });

      const header = await sharp(body).metadata();
      expect([header.format, header.width, header.height]).toEqual(["jpeg", width, height]);
    }
  });
});
