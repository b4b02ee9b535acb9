import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { drawSampleGarment } from "../../../local/samples/draw-sample-garment.ts";
import {
  type ImageOperations,
  operationsSchema,
} from "../../../core/function-schemas/image-processor.ts";
import { noisePicture } from "../../testing/pictures.fixture.ts";
import { reencodePicture } from "../reencode-picture.ts";

/** Photos of sellers, used in place: this repository holds none. */
const PHOTOS =
  process.env["DRAPE_PHOTOS"] ??
  fileURLToPath(new URL("../../../../shared/photos", import.meta.url));
const hasPhotos = existsSync(join(PHOTOS, "shorts-3.jpg"));
if (!hasPhotos)
  process.stderr.write(`⚠️ no photos at ${PHOTOS}: cut-outs of real ones are skipped\n`);

const make = (photo: Buffer, operations: ImageOperations) =>
  reencodePicture(photo, operationsSchema.parse(operations), { name: "photo", timeoutMs: 30_000 });

async function alphaOf(photo: Buffer) {
  const made = await make(photo, { format: "png", cutOut: { background: "transparent" } });
  const { data, info } = await sharp(made.body).raw().toBuffer({ resolveWithObject: true });
  /** Alpha at a place given in shares of the picture. */
  const at = (x: number, y: number) =>
    data[4 * (Math.round(y * info.height) * info.width + Math.round(x * info.width)) + 3] ?? -1;
  return { at, made };
}

describe("cut-out of drawn garments", () => {
  const garment = async () =>
    sharp(await drawSampleGarment("t-shirt", 0))
      .resize(360)
      .jpeg()
      .toBuffer();

  test("marketplace: a white square, the garment in the middle with its margin", async () => {
    const made = await make(await garment(), {
      format: "png",
      cutOut: { preset: "marketplace", side: 800, margin: 0.1 },
    });

    const { info } = await sharp(made.body)
      .trim({ threshold: 12 })
      .toBuffer({ resolveWithObject: true });
    const margin = await sharp(made.body)
      .extract({ left: 0, top: 0, width: 70, height: 800 })
      .raw()
      .toBuffer();
    expect([made.width, made.height]).toEqual([800, 800]);
    expect(margin.every((value) => value === 255)).toBe(true);
    expect(Math.max(info.width, info.height)).toBeWithin(600, 660);
    expect(made.report.cutOut).toMatchObject({ used: true });
  });

  test("a shadow darkens the ground below the garment, and nothing at the corners", async () => {
    const photo = await garment();
    const wish = { preset: "marketplace", side: 800 } as const;

    const plain = await make(photo, { format: "png", cutOut: wish });
    const shaded = await make(photo, { format: "png", cutOut: { ...wish, shadow: true } });

    const mean = async (body: Buffer) => (await sharp(body).stats()).channels[0]?.mean ?? 0;
    expect(await mean(shaded.body)).toBeLessThan(await mean(plain.body));
    const [first] = await sharp(shaded.body)
      .extract({ left: 0, top: 0, width: 1, height: 1 })
      .raw()
      .toBuffer();
    expect(first).toBe(255);
  });

  test("a photo without a garment is kept whole, and the report says so", async () => {
    const photo = await noisePicture({ width: 300, height: 400 }).jpeg().toBuffer();

    const inPlace = await make(photo, { cutOut: {} });
    const square = await make(photo, { cutOut: { preset: "marketplace", side: 800 } });

    expect([inPlace.width, inPlace.height]).toEqual([300, 400]);
    expect([square.width, square.height]).toEqual([800, 800]);
    expect(inPlace.report.cutOut?.used).toBe(false);
    expect(inPlace.report.done[0]).toStartWith("whole photo kept");
  });
});

describe.skipIf(!hasPhotos)("cut-out of sellers' photos", () => {
  const photo = (name: string) => readFile(join(PHOTOS, `${name}.jpg`));

  test("the floor between trouser legs goes, the legs stay", async () => {
    const { at } = await alphaOf(await photo("shorts-3"));

    expect(at(0.49, 0.8)).toBeLessThan(30);
    expect([at(0.25, 0.6), at(0.75, 0.6)].every((alpha) => alpha > 230)).toBe(true);
  });

  test("a piece of furniture beside the garment goes", async () => {
    const { at } = await alphaOf(await photo("outwear-1"));

    expect(at(0.16, 0.77)).toBeLessThan(30);
    expect(at(0.5, 0.4)).toBeGreaterThan(230);
  });

  test("a sleeve in the shade stays on its shirt", async () => {
    const { at } = await alphaOf(await photo("t-shirt-1"));

    expect([at(0.14, 0.35), at(0.8, 0.4)].every((alpha) => alpha > 230)).toBe(true);
    expect(at(0.08, 0.7)).toBeLessThan(30);
  });

  test("what the photo's edge crosses is not cut short of it, and nothing beside it comes along", async () => {
    const shirt = await alphaOf(await photo("shirt-2"));
    const shoes = await alphaOf(await photo("shoes-2"));

    expect([shirt.at(0.01, 0.86), shirt.at(0.99, 0.86)].every((alpha) => alpha > 230)).toBe(true);
    expect([shoes.at(0.03, 0.3), shoes.at(0.03, 0.5)].every((alpha) => alpha > 230)).toBe(true);
    expect([shirt.at(0.02, 0.5), shoes.at(0.01, 0.9)].every((alpha) => alpha < 30)).toBe(true);
  });

  test("a pair of shoes stays a pair", async () => {
    const { at } = await alphaOf(await photo("shoes-2"));

    expect([at(0.27, 0.65), at(0.75, 0.65)].every((alpha) => alpha > 230)).toBe(true);
    expect(at(0.5, 0.9)).toBeLessThan(30);
  });

  test("what cannot be cut well is kept whole", async () => {
    for (const name of ["shoes-1", "shorts-2"]) {
      const made = await make(await photo(name), { cutOut: {} });
      expect([name, made.report.cutOut?.used]).toEqual([name, false]);
    }
  });
});
