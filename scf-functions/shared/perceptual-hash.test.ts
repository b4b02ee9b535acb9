import { beforeAll, describe, expect, test } from "bun:test";
import sharp, { type Sharp } from "sharp";
import { isSimilar, perceptualHashSchema } from "../../core/function-schemas/perceptual-hash.ts";
import { perceptualHash } from "./perceptual-hash.ts";

const WIDTH = 480;
const HEIGHT = 640;

/** A shirt of one colour on a table, drawn. */
function shirt(colour: string, more = ""): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">
    <defs><linearGradient id="t" x1="0" y1="0" x2="1" y2="1">
      <stop offset="0" stop-color="#e8ddcc"/><stop offset="1" stop-color="#8f8270"/></linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#t)"/>
    <path d="M150 120 L330 120 L430 240 L370 290 L335 250 L345 560 L135 560 L145 250 L110 290 L50 240 Z"
      fill="${colour}" stroke="#222" stroke-width="4"/>${more}</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}
const hashOf = (bytes: Buffer) => perceptualHash(bytes, 10_000);

describe("perceptualHash", () => {
  let red: Buffer;
  let redHash: string;
  beforeAll(async () => {
    red = await shirt("#c22b2b");
    redHash = await hashOf(red);
  });

  test("has the contract's form, and one photo always has one hash", async () => {
    expect(perceptualHashSchema.safeParse(redHash).success).toBe(true);
    expect(await hashOf(red)).toBe(redHash);
  });

  const again: readonly (readonly [string, (image: Sharp) => Sharp])[] = [
    ["as a poor JPEG", (image) => image.jpeg({ quality: 30 })],
    ["as WebP", (image) => image.webp({ quality: 60 })],
    ["at half the size", (image) => image.resize({ width: WIDTH / 2 }).jpeg()],
    [
      "turned, with EXIF that turns it back",
      (image) => image.rotate(270).withMetadata({ orientation: 6 }).jpeg(),
    ],
  ];
  for (const [name, encode] of again) {
    test(`knows a photo again ${name}`, async () => {
      const other = await hashOf(await encode(sharp(red)).toBuffer());

      expect(isSimilar(redHash, other)).toBe(true);
    });
  }

  const different: readonly (readonly [string, () => Promise<Buffer>])[] = [
    ["the same shirt in blue", () => shirt("#2b4cc2")],
    ["the same shirt in a like red", () => shirt("#c2452b")],
    ["a badge on it", () => shirt("#c22b2b", '<circle cx="240" cy="260" r="36" fill="#fff"/>')],
    [
      "a mirror image",
      () => sharp(red).extract({ left: 0, top: 0, width: 400, height: 640 }).flop().toBuffer(),
    ],
  ];
  for (const [name, draw] of different) {
    test(`tells ${name} apart`, async () => {
      const other = await hashOf(await draw());

      expect(isSimilar(redHash, other)).toBe(false);
    });
  }

  test("transparency counts as white, as the model sees it", async () => {
    const mark = {
      create: { width: 60, height: 60, channels: 4 as const, background: "#ff000080" },
    };
    const see = await sharp(mark).png().toBuffer();
    const flat = await sharp(see).flatten({ background: "#ffffff" }).png().toBuffer();

    expect(await hashOf(see)).toBe(await hashOf(flat));
  });
});
