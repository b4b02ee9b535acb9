import { describe, expect, test } from "bun:test";
import sharp from "sharp";
import { drawnGarment } from "../../../local/samples/drawn-garment.fixture.ts";
import type { SampleKind } from "../../../local/samples/sample-shapes.ts";
import {
  type ImageOperations,
  operationsSchema,
} from "../../../core/function-schemas/image-processor.ts";
import { noisePicture } from "../../testing/pictures.fixture.ts";
import { reencodePicture } from "../reencode-picture.ts";

const SIDE = 360;
const OPAQUE = 230;
const CLEAR = 30;

const make = (photo: Buffer, operations: ImageOperations) =>
  reencodePicture(photo, operationsSchema.parse(operations), { name: "photo", timeoutMs: 120_000 });

const page = (body: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="1280">${body}</svg>`;

/** A garment that the project draws, with something drawn over it, in the size of a thumbnail. */
async function drawn(kind: SampleKind, index: number, over = ""): Promise<Buffer> {
  const whole = await sharp(await drawnGarment(kind, index))
    .composite([{ input: Buffer.from(page(over)) }])
    .toBuffer();
  return sharp(whole).resize(SIDE).jpeg().toBuffer();
}

async function alphaOf(photo: Buffer) {
  const made = await make(photo, { format: "png", cutOut: { background: "transparent" } });
  const { data, info } = await sharp(made.body).raw().toBuffer({ resolveWithObject: true });
  /** Alpha at a place given in shares of the picture. */
  const at = (x: number, y: number) =>
    data[4 * (Math.round(y * info.height) * info.width + Math.round(x * info.width)) + 3] ?? -1;
  return { at, made };
}

describe("cut-out of drawn garments", () => {
  const garment = () => drawn("t-shirt", 0);

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
    const options = { preset: "marketplace", side: 800 } as const;

    const plain = await make(photo, { format: "png", cutOut: options });
    const shaded = await make(photo, { format: "png", cutOut: { ...options, shadow: true } });

    const mean = async (body: Buffer) => (await sharp(body).stats()).channels[0]?.mean ?? 0;
    expect(await mean(shaded.body)).toBeLessThan(await mean(plain.body));
    const [first] = await sharp(shaded.body)
      .extract({ left: 0, top: 0, width: 1, height: 1 })
      .raw()
      .toBuffer();
    expect(first).toBe(255);
  });

  test("a photo without a garment is kept whole, and the report says so", async () => {
    const photo = await noisePicture({ width: 150, height: 200 }).jpeg().toBuffer();

    const inFrame = await make(photo, { cutOut: {} });
    const square = await make(photo, { cutOut: { preset: "marketplace", side: 800 } });

    expect([inFrame.width, inFrame.height]).toEqual([150, 200]);
    expect([square.width, square.height]).toEqual([800, 800]);
    expect(inFrame.report.cutOut?.used).toBe(false);
    expect(inFrame.report.done[0]).toStartWith("whole photo kept");
  });
});

describe("cut-out of garments drawn as sellers show them", () => {
  test("the floor between trouser legs goes, the legs stay", async () => {
    const { at } = await alphaOf(await drawn("trousers", 2));

    expect(at(0.5, 0.8)).toBeLessThan(CLEAR);
    expect([at(0.34, 0.7), at(0.66, 0.7)].every((alpha) => alpha > OPAQUE)).toBe(true);
  });

  test("a piece of furniture beside the garment goes", async () => {
    const chest = '<path d="M0 860H130V1280H0Z" fill="#5b3a1e"/>';

    const { at } = await alphaOf(await drawn("t-shirt", 4, chest));

    expect(at(0.06, 0.85)).toBeLessThan(CLEAR);
    expect(at(0.5, 0.5)).toBeGreaterThan(OPAQUE);
  });

  test("a sleeve in the shade stays on its shirt", async () => {
    const shade =
      '<path d="M270 296L88 540L204 604L254 510Z" fill="#1a120c" fill-opacity="0.45" transform="rotate(-1.5 480 640)"/>';

    const { at } = await alphaOf(await drawn("t-shirt", 0, shade));

    expect([at(0.2, 0.4), at(0.8, 0.4)].every((alpha) => alpha > OPAQUE)).toBe(true);
    expect(at(0.08, 0.7)).toBeLessThan(CLEAR);
  });

  test("what the photo's edge crosses is not cut short of it, and nothing beside it comes along", async () => {
    const whole = sharp(await drawn("trousers", 2));
    // Both ends of the legs are beyond the lower edge.
    const crossed = await whole.extract({ left: 0, top: 20, width: SIDE, height: 300 }).toBuffer();

    const { at } = await alphaOf(crossed);

    expect([at(0.35, 0.99), at(0.65, 0.99)].every((alpha) => alpha > OPAQUE)).toBe(true);
    expect([at(0.05, 0.9), at(0.5, 0.99), at(0.95, 0.9)].every((alpha) => alpha < CLEAR)).toBe(
      true,
    );
  });

  test("a pair of shoes stays a pair", async () => {
    const sole = (x: number) =>
      `<rect x="${x}" y="330" width="210" height="620" rx="105" fill="#22335c"/>`;
    const pair = await sharp(
      Buffer.from(page(`<rect width="960" height="1280" fill="#cfc4b2"/>${sole(220)}${sole(530)}`)),
    )
      .resize(SIDE)
      .jpeg()
      .toBuffer();

    const { at } = await alphaOf(pair);

    expect([at(0.34, 0.5), at(0.66, 0.5)].every((alpha) => alpha > OPAQUE)).toBe(true);
    expect([at(0.5, 0.5), at(0.5, 0.9)].every((alpha) => alpha < CLEAR)).toBe(true);
  });
});
