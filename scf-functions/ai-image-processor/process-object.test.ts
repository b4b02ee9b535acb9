import { describe, expect, test } from "bun:test";
import sharp from "sharp";
import {
  operationsSchema,
  type ImageOperations,
} from "../../core/function-schemas/image-processor.ts";
import { createMemoryStore } from "../testing/memory-store.fixture.ts";
import { noisePicture, plainPicture } from "../testing/pictures.fixture.ts";
import { testTools } from "../testing/tools.fixture.ts";
import { processObject } from "./process-object.ts";

type Size = { readonly width: number; readonly height: number };

async function processBytes(bytes: Buffer, operations: ImageOperations) {
  const store = createMemoryStore({ from: bytes });
  const event = {
    action: "preprocess",
    from: "from",
    to: "to",
    operations: operationsSchema.parse(operations),
  } as const;
  const result = await processObject(store, event, testTools());
  return { store, event, result, body: store.objects.get("to")?.body ?? Buffer.alloc(0) };
}
const jpegOf = (size: Size) => plainPicture(size).jpeg().toBuffer();

describe("processObject", () => {
  test("the result is stored with its facts, and a second call makes nothing again", async () => {
    const photo = await noisePicture({ width: 400, height: 300 }).jpeg().toBuffer();

    const first = await processBytes(photo, { resize: { width: 200 }, format: "webp" });
    const callsOfFirst = first.store.calls.length;
    const second = await processObject(first.store, first.event, testTools());

    expect(first.result).toEqual({
      key: "to",
      width: 200,
      height: 150,
      bytes: first.body.byteLength,
      format: "webp",
      sourceBytes: photo.byteLength,
      report: {
        done: ["resized (fit)", "200 x 150 webp at quality 82"],
        savedBytes: photo.byteLength - first.body.byteLength,
        quality: 82,
      },
    });
    // Nothing was done the second time, so there is nothing to report.
    const { report: _report, ...facts } = first.result;
    expect(second).toEqual(facts);
    expect(first.store.calls.slice(callsOfFirst)).not.toContain("put to");
    expect(first.store.calls.slice(callsOfFirst)).not.toContain("get from");
  });

  const sizes: readonly (readonly [string, Size, NonNullable<ImageOperations["resize"]>, Size])[] =
    [
      [
        "fit stays inside the box",
        { width: 400, height: 200 },
        { width: 100, height: 100, mode: "fit" },
        { width: 100, height: 50 },
      ],
      [
        "inside is the same",
        { width: 400, height: 200 },
        { width: 100, height: 100, mode: "inside" },
        { width: 100, height: 50 },
      ],
      [
        "outside covers without cropping",
        { width: 400, height: 200 },
        { width: 100, height: 100, mode: "outside" },
        { width: 200, height: 100 },
      ],
      [
        "cover fills and crops",
        { width: 400, height: 200 },
        { width: 100, height: 100, mode: "cover" },
        { width: 100, height: 100 },
      ],
      [
        "contain fills with bars",
        { width: 400, height: 200 },
        { width: 100, height: 100, mode: "contain" },
        { width: 100, height: 100 },
      ],
      [
        "fill stretches",
        { width: 400, height: 200 },
        { width: 100, height: 100, mode: "fill" },
        { width: 100, height: 100 },
      ],
      [
        "a small picture stays small",
        { width: 40, height: 20 },
        { width: 100, height: 100 },
        { width: 40, height: 20 },
      ],
      [
        "and grows when asked",
        { width: 40, height: 20 },
        { width: 100, height: 100, enlarge: true },
        { width: 100, height: 50 },
      ],
      [
        "one side is enough",
        { width: 400, height: 200 },
        { height: 50 },
        { width: 100, height: 50 },
      ],
      [
        "an empty request changes nothing",
        { width: 40, height: 20 },
        {},
        { width: 40, height: 20 },
      ],
    ];
  for (const [name, from, resize, expected] of sizes) {
    test(`resize: ${name}`, async () => {
      const { result, body } = await processBytes(await jpegOf(from), { resize });

      const metadata = await sharp(body).metadata();

      expect({ width: result.width, height: result.height }).toEqual(expected);
      expect({ width: metadata.width, height: metadata.height }).toEqual(expected);
    });
  }

  test("the bars of contain are white", async () => {
    const { body } = await processBytes(await jpegOf({ width: 400, height: 200 }), {
      resize: { width: 100, height: 100, mode: "contain" },
      format: "png",
    });

    const { data } = await sharp(body).removeAlpha().raw().toBuffer({ resolveWithObject: true });

    expect([...data.subarray(0, 3)]).toEqual([255, 255, 255]);
  });

  test("pixels are turned as EXIF says, unless told not to, and metadata is gone either way", async () => {
    const lying = await plainPicture({ width: 60, height: 20 })
      .jpeg()
      .withExif({ IFD0: { Copyright: "somebody" } })
      .withMetadata({ orientation: 6 })
      .toBuffer();

    const turned = await processBytes(lying, {});
    const asItLies = await processBytes(lying, { autoOrient: false });

    expect(turned.result).toMatchObject({ width: 20, height: 60 });
    expect(asItLies.result).toMatchObject({ width: 60, height: 20 });
    for (const { body } of [turned, asItLies]) {
      const metadata = await sharp(body).metadata();
      expect([metadata.orientation, metadata.exif, metadata.icc]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    }
  });

  test("what is transparent becomes white in a JPEG and stays transparent in a PNG", async () => {
    const clear = await plainPicture({ width: 8, height: 8 }, "#00000000").png().toBuffer();

    const jpeg = await processBytes(clear, { format: "jpeg" });
    const png = await processBytes(clear, { format: "png" });

    expect([...(await sharp(jpeg.body).raw().toBuffer()).subarray(0, 3)]).toEqual([255, 255, 255]);
    expect((await sharp(png.body).metadata()).hasAlpha).toBe(true);
  });

  test("quality decides the size of the file", async () => {
    const photo = await noisePicture({ width: 300, height: 300 }).png().toBuffer();

    const usual = await processBytes(photo, { format: "jpeg" });
    const ninety = await processBytes(photo, { format: "jpeg", quality: 90 });
    const poor = await processBytes(photo, { format: "jpeg", quality: 50 });

    expect(usual.result.bytes).toBe(ninety.result.bytes);
    expect(poor.result.bytes).toBeLessThan(usual.result.bytes / 2);
  });

  for (const format of ["jpeg", "webp"] as const) {
    test(`targetBytes lowers the quality of a ${format} as little as needed, not below 40`, async () => {
      const photo = await noisePicture({ width: 400, height: 400 }).png().toBuffer();
      const best = await processBytes(photo, { format });
      const floor = await processBytes(photo, { format, quality: 40 });
      const between = Math.round((best.result.bytes + floor.result.bytes) / 2);

      const fitted = await processBytes(photo, { format, targetBytes: between });
      const impossible = await processBytes(photo, { format, targetBytes: 1024 });
      const generous = await processBytes(photo, { format, targetBytes: 10_000_000 });

      expect(fitted.result.bytes).toBeLessThanOrEqual(between);
      expect(fitted.result.bytes).toBeGreaterThan(between * 0.85);
      expect(impossible.result.bytes).toBe(floor.result.bytes);
      expect(generous.result.bytes).toBe(best.result.bytes);
    });
  }

  test("growing without bound is refused before a pixel is made", async () => {
    const thin = await jpegOf({ width: 50, height: 4000 });

    const making = processBytes(thin, { resize: { width: 8192, enlarge: true } });

    await expect(making).rejects.toMatchObject({
      code: "IMAGE_OPERATION_INVALID",
      message:
        "/options/resize cannot be done: 8192 x 655360 pixels are too many: a side has at most 8192.",
    });
  });

  test("a damaged or a missing source is told, and its key is not", async () => {
    const photo = await noisePicture({ width: 300, height: 300 }).jpeg().toBuffer();
    const event = {
      action: "postprocess",
      from: "gone",
      to: "to",
      operations: operationsSchema.parse({}),
    } as const;

    await expect(processBytes(photo.subarray(0, 5_000), {})).rejects.toMatchObject({
      code: "IMAGE_UNREADABLE",
      message: "The picture is damaged and cannot be read.",
    });
    await expect(processObject(createMemoryStore(), event, testTools())).rejects.toMatchObject({
      code: "IMAGE_SOURCE_UNREACHABLE",
    });
  });
});
