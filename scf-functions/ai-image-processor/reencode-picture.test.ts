import { describe, expect, test } from "bun:test";
import sharp from "sharp";
import {
  type ImageOperations,
  operationsSchema,
} from "../../core/function-schemas/image-processor.ts";
import { bombPng, noisePicture, plainPicture } from "../testing/pictures.fixture.ts";
import { reencodePicture } from "./reencode-picture.ts";

const RED = [200, 0, 0];
const BLUE = [0, 0, 200];

/** The left half red, the right half blue. */
function halves(width: number, height: number): Promise<Buffer> {
  const half = { width: Math.floor(width / 2), height, channels: 3 as const };
  return sharp({ create: { width, height, channels: 3, background: "#0000c8" } })
    .composite([{ input: { create: { ...half, background: "#c80000" } }, left: 0, top: 0 }])
    .removeAlpha()
    .png()
    .toBuffer();
}

const make = (photo: Buffer, operations: ImageOperations, markBytes: Buffer | null = null) =>
  reencodePicture(photo, operationsSchema.parse(operations), {
    name: "photo",
    timeoutMs: 20_000,
    markBytes,
  });

async function pixelAt(picture: Buffer, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
  const at = (y * info.width + x) * info.channels;
  return [...data.subarray(at, at + info.channels)];
}

/** How many pixels differ visibly between two pictures of one size. */
async function countChanged(one: Buffer, other: Buffer): Promise<number> {
  const [a, b] = await Promise.all(
    [one, other].map((picture) => sharp(picture).removeAlpha().greyscale().raw().toBuffer()),
  );
  let changed = 0;
  for (const [at, value] of (a ?? Buffer.alloc(0)).entries()) {
    if (Math.abs(value - (b?.[at] ?? 0)) > 24) changed += 1;
  }
  return changed;
}

describe("crop", () => {
  test("a rectangle is cut in pixels, and reaches no further than the picture", async () => {
    const photo = await halves(100, 60);

    const right = await make(photo, {
      crop: { left: 60, top: 10, width: 500, height: 20 },
      format: "png",
    });

    expect([right.width, right.height]).toEqual([40, 20]);
    expect(await pixelAt(right.body, 0, 0)).toEqual(BLUE);
    expect(right.report.done[0]).toBe("cropped to 40 x 20 at 60, 10");
  });

  test("a ratio takes the largest part of that shape from the side that is asked for", async () => {
    const photo = await halves(100, 40);

    const west = await make(photo, { crop: { ratio: "1:1", position: "west" }, format: "png" });
    const east = await make(photo, { crop: { ratio: "1:1", position: "east" }, format: "png" });

    expect([west.width, west.height]).toEqual([40, 40]);
    expect(await pixelAt(west.body, 39, 20)).toEqual(RED);
    expect(await pixelAt(east.body, 0, 20)).toEqual(BLUE);
  });

  test("attention keeps what stands out", async () => {
    const spot = { width: 60, height: 60, channels: 3 as const, background: "#e02020" };
    const photo = await sharp({
      create: { width: 600, height: 100, channels: 3, background: "#888" },
    })
      .composite([{ input: { create: spot }, left: 520, top: 20 }])
      .png()
      .toBuffer();

    const cropped = await make(photo, {
      crop: { ratio: "1:1", position: "attention" },
      format: "png",
    });

    const { channels } = await sharp(cropped.body).stats();
    expect([cropped.width, cropped.height]).toEqual([100, 100]);
    expect(channels[0]?.max).toBeGreaterThan(200);
  });

  test("crop works on the upright picture, before resize", async () => {
    const lying = await sharp(await halves(100, 60))
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();

    const top = await make(lying, {
      crop: { left: 0, top: 0, width: 60, height: 40 },
      resize: { width: 30 },
      format: "png",
    });

    const [red = 0, , blue = 0] = await pixelAt(top.body, 15, 10);
    expect([top.width, top.height]).toEqual([30, 20]);
    expect(red).toBeGreaterThan(blue);
  });

  test("a rectangle outside of the picture is refused with the picture's size", async () => {
    const outside = make(await halves(100, 60), {
      crop: { left: 100, top: 0, width: 5, height: 5 },
    });

    await expect(outside).rejects.toMatchObject({
      code: "IMAGE_OPERATION_INVALID",
      message: "/options/crop lies beside the picture, which is 100 x 60 pixels.",
    });
  });
});

describe("background and formats", () => {
  for (const format of ["png", "webp", "avif"] as const) {
    test(`what is transparent stays so in ${format}, and is filled when asked`, async () => {
      const clear = await plainPicture({ width: 16, height: 16 }, "#00000000").png().toBuffer();

      const kept = await make(clear, { format });
      const filled = await make(clear, { format, background: "#00ff00" });

      expect((await sharp(kept.body).metadata()).hasAlpha).toBe(true);
      const [red = 255, green = 0] = await pixelAt(filled.body, 8, 8);
      expect([red < 40, green > 215]).toEqual([true, true]);
    });
  }

  test("the bars of contain take the background", async () => {
    const made = await make(await halves(100, 50), {
      resize: { width: 60, height: 60, mode: "contain" },
      background: "#102030",
      format: "png",
    });

    expect((await pixelAt(made.body, 30, 2)).slice(0, 3)).toEqual([16, 32, 48]);
  });

  test("each format carries no metadata", async () => {
    const photo = await noisePicture({ width: 64, height: 64 })
      .withExif({ IFD0: { Copyright: "somebody" } })
      .jpeg()
      .toBuffer();

    for (const format of ["jpeg", "png", "webp", "avif"] as const) {
      const { exif, xmp, icc } = await sharp((await make(photo, { format })).body).metadata();
      expect([format, exif, xmp, icc]).toEqual([format, undefined, undefined, undefined]);
    }
  });

  test("a preview is encoded faster, so it may be larger, never otherwise different", async () => {
    const photo = await noisePicture({ width: 200, height: 200 }).png().toBuffer();

    const preview = await make(photo, { format: "webp", purpose: "preview" });
    const final = await make(photo, { format: "webp" });

    expect([preview.width, preview.quality]).toEqual([final.width, final.quality]);
    expect(preview.body.byteLength).not.toBe(final.body.byteLength);
  });

  test("a target that cannot be met says so, with the quality that was used", async () => {
    const photo = await noisePicture({ width: 300, height: 300 }).png().toBuffer();

    const made = await make(photo, { format: "avif", targetBytes: 1024 });

    expect(made.report.quality).toBe(25);
    expect(made.report.done.at(-1)).toContain("target of 1024 bytes missed");
  });

  test("a bomb is refused by its header", async () => {
    const making = make(bombPng(), { resize: { width: 100 } });

    await expect(making).rejects.toMatchObject({ code: "IMAGE_TOO_LARGE" });
  });
});

describe("watermark", () => {
  const grey = () => plainPicture({ width: 600, height: 400 }, "#808080").png().toBuffer();

  test("two Chinese words of one length are drawn as different letters", async () => {
    const photo = await grey();
    const plain = await make(photo, { format: "png" });

    const one = await make(photo, { format: "png", watermark: { text: "衣服", scale: 0.6 } });
    const other = await make(photo, { format: "png", watermark: { text: "模特", scale: 0.6 } });

    expect(one.report.done[0]).toBe('watermark "衣服"');
    expect(await countChanged(plain.body, one.body)).toBeGreaterThan(800);
    expect(await countChanged(one.body, other.body)).toBeGreaterThan(800);
  });

  test("it stands where it is asked to, at its size and away from the edge", async () => {
    const photo = await grey();
    const plain = await make(photo, { format: "png" });
    const watermark = { text: "Drape", scale: 0.3, margin: 0.1, position: "northwest" } as const;

    const made = await make(photo, { format: "png", watermark });

    const part = async (left: number, top: number, width: number, height: number) => {
      const [a, b] = await Promise.all(
        [plain.body, made.body].map((body) =>
          sharp(body).extract({ left, top, width, height }).png().toBuffer(),
        ),
      );
      return countChanged(a ?? photo, b ?? photo);
    };
    expect(await part(40, 40, 200, 160)).toBeGreaterThan(200);
    expect(await part(0, 0, 600, 36)).toBe(0);
    expect(await part(260, 0, 340, 400)).toBe(0);
  });

  test("opacity weakens it, tiling repeats it", async () => {
    const photo = await grey();
    const plain = await make(photo, { format: "png" });
    const mark = (more: object) =>
      make(photo, { format: "png", watermark: { text: "正品", scale: 0.2, ...more } });

    const strong = await countChanged(plain.body, (await mark({ opacity: 1 })).body);
    const weak = await countChanged(plain.body, (await mark({ opacity: 0.05 })).body);
    const tiled = await countChanged(plain.body, (await mark({ opacity: 1, tile: true })).body);

    expect(weak).toBe(0);
    expect(tiled).toBeGreaterThan(strong * 2);
  });

  test("markup is text, and a mark never exceeds a tiny picture", async () => {
    const tiny = await plainPicture({ width: 12, height: 9 }).png().toBuffer();

    for (const tile of [false, true]) {
      const made = await make(tiny, { watermark: { text: "<b>&amp;霓裳", scale: 1, tile } });
      expect([made.width, made.height]).toEqual([12, 9]);
    }
  });

  test("a picture is put on with its own transparency", async () => {
    const logo = await plainPicture({ width: 40, height: 40 }, "#00ff00").png().toBuffer();

    const made = await make(
      await grey(),
      {
        format: "png",
        watermark: { imageKey: "logo", position: "centre", opacity: 1, scale: 0.2 },
      },
      logo,
    );

    expect((await pixelAt(made.body, 300, 200)).slice(0, 3)).toEqual([0, 255, 0]);
    expect((await pixelAt(made.body, 10, 10)).slice(0, 3)).toEqual([128, 128, 128]);
  });
});
