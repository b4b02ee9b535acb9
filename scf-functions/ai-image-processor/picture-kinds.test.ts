import { expect, test } from "bun:test";
import sharp from "sharp";
import {
  type ImageOperations,
  operationsSchema,
} from "../../core/function-schemas/image-processor.ts";
import { halvesPng, hasAlpha, PNG_KINDS } from "../testing/drawn-png.fixture.ts";
import { reencodePicture } from "./reencode-picture.ts";

const GREEN = [0, 255, 0];

async function colours(photo: Buffer, operations: ImageOperations) {
  const made = await reencodePicture(photo, operationsSchema.parse(operations), {
    name: "photo",
    timeoutMs: 20_000,
  });
  const { data, info } = await sharp(made.body).raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => {
    const start = (y * info.width + x) * info.channels;
    return [...data.subarray(start, start + 3)];
  };
  return { left: at(1, 2), right: at(info.width - 2, 2) };
}

const background = "#00ff00";
const works: Readonly<Record<string, ImageOperations>> = {
  "a background": {},
  "a resize": { resize: { width: 32 } },
  "a crop by attention": { crop: { ratio: "4:1", position: "attention" } },
  "a watermark": { watermark: { text: "A", position: "south", scale: 0.05 } },
};

for (const kind of PNG_KINDS) {
  const [depth, colour] = kind;
  test(`a PNG of colour type ${colour} and ${depth} bits keeps its colours and gets the background`, async () => {
    const photo = halvesPng(kind);
    const left = colour === 0 || colour === 4 ? [255, 255, 255] : [255, 0, 0];
    const opaque = colour === 0 ? [0, 0, 0] : [0, 0, 255];
    const right = hasAlpha(kind) ? GREEN : opaque;

    for (const [name, operations] of Object.entries(works)) {
      const found = await colours(photo, { ...operations, background, format: "png" });
      expect({ name, ...found }).toEqual({ name, left, right });
    }
  });

  test(`the bars beside a PNG of colour type ${colour} and ${depth} bits have the background's colour`, async () => {
    const resize = { width: 128, height: 64, mode: "contain" } as const;

    const found = await colours(halvesPng(kind), { resize, background, format: "png" });

    expect(found).toEqual({ left: GREEN, right: GREEN });
  });
}

test("bars beside a CMYK and a grey JPEG have the background's colour", async () => {
  const photo = sharp(halvesPng([8, 2]));
  const cmyk = await photo.clone().toColourspace("cmyk").jpeg().toBuffer();
  const grey = await photo.clone().toColourspace("b-w").jpeg().toBuffer();
  const resize = { width: 128, height: 64, mode: "contain" } as const;

  for (const jpeg of [cmyk, grey]) {
    const found = await colours(jpeg, { resize, background, format: "png" });
    expect(found).toEqual({ left: GREEN, right: GREEN });
  }
});
