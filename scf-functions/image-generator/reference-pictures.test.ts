import { describe, expect, test } from "bun:test";
import sharp, { type Sharp } from "sharp";
import { requestsOf, startTestArk, testImageEvent } from "../testing/ark.fixture.ts";
import { createMemoryStore } from "../testing/memory-store.fixture.ts";
import { noisePicture, plainPicture } from "../testing/pictures.fixture.ts";
import { testTools } from "../testing/tools.fixture.ts";
import { createArkProvider } from "./ark-provider.ts";
import { readReferencePictures } from "./reference-pictures.ts";
import { runImageGenerator } from "./run-image-generator.ts";

const size = { width: 60, height: 40 };
const opaque = () => plainPicture(size).removeAlpha();

async function sentFor(photo: Buffer) {
  const store = createMemoryStore({ "ref.jpg": photo });
  const [sent] = await readReferencePictures(store, ["ref.jpg"], testTools());
  if (sent === undefined) throw new Error("nothing was sent");
  return sent;
}
const firstPixel = async (picture: Buffer) => [
  ...(await sharp(picture).removeAlpha().raw().toBuffer()).subarray(0, 3),
];
const isNear = (pixel: readonly number[], wanted: readonly number[], distance: number) =>
  pixel.every((value, at) => Math.abs(value - (wanted[at] ?? 0)) <= distance);

describe("a reference picture", () => {
  const plain: readonly (readonly [string, () => Sharp])[] = [
    ["a plain JPEG", () => opaque().jpeg()],
    ["a JPEG that names sRGB", () => opaque().withIccProfile("srgb").jpeg()],
    ["an opaque PNG", () => opaque().png()],
  ];
  for (const [name, picture] of plain) {
    test(`goes unchanged when it is ${name}`, async () => {
      const photo = await picture().toBuffer();

      const { body } = await sentFor(photo);

      expect(body.equals(photo)).toBe(true);
    });
  }

  const RED = [204, 34, 51];
  const others: readonly (readonly [string, () => Sharp, readonly number[]])[] = [
    ["ink (CMYK)", () => opaque().toColourspace("cmyk").withIccProfile("cmyk").jpeg(), RED],
    ["Display P3", () => opaque().withIccProfile("p3").jpeg({ quality: 100 }), RED],
    ["16 bit", () => opaque().toColourspace("rgb16").png(), RED],
    [
      "grey",
      () => plainPicture(size, "#808080").removeAlpha().toColourspace("b-w").jpeg(),
      [128, 128, 128],
    ],
    ["see-through", () => plainPicture(size, "#cc223300").png(), [255, 255, 255]],
    [
      "half see-through",
      () => plainPicture(size, "#0000ff80").webp({ lossless: true }),
      [127, 127, 255],
    ],
  ];
  for (const [name, picture, seen] of others) {
    test(`of ${name} becomes an opaque sRGB JPEG of 8 bit that looks the same`, async () => {
      const photo = await picture().toBuffer();

      const { body, contentType } = await sentFor(photo);

      const facts = await sharp(body).metadata();
      expect(contentType).toBe("image/jpeg");
      expect(facts).toMatchObject({ format: "jpeg", space: "srgb", depth: "uchar", channels: 3 });
      expect([facts.width, facts.height, facts.icc]).toEqual([60, 40, undefined]);
      const pixel = await firstPixel(body);
      // No ink shows every colour.
      const distance = name.startsWith("ink") ? 25 : 6;
      expect([pixel, isNear(pixel, seen, distance)]).toEqual([pixel, true]);
    });
  }

  test("is turned upright, and tells nothing of where it was taken", async () => {
    const photo = await opaque()
      .withExif({ IFD0: { Orientation: "6", Copyright: "somebody" } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();

    const { body } = await sentFor(photo);

    const { width, height, exif } = await sharp(body).metadata();
    expect([width, height, exif]).toEqual([40, 60, undefined]);
  });

  const bad: readonly (readonly [number, number, string])[] = [
    [8, 8, "8x8"],
    [14, 200, "15 at least"],
    [200, 3300, "16 times"],
    [3300, 200, "crop it"],
  ];
  for (const [width, height, words] of bad) {
    test(`of ${width}x${height} is the customer's to change, told before anything is bought`, async () => {
      const photo = await noisePicture({ width, height }).jpeg().toBuffer();
      const store = createMemoryStore({ "ref.jpg": photo });
      await using ark = await startTestArk();
      const config = { baseUrl: ark.origin, apiKey: "k", streams: false };

      const { images } = await runImageGenerator(
        { store, providers: [createArkProvider(config)] },
        testImageEvent(2),
        testTools(),
      );

      const failure = { code: "IMAGE_OPERATION_INVALID", ran: "no" };
      expect(images).toMatchObject([{ failure }, { failure }]);
      expect(JSON.stringify(images)).toContain(words);
      expect(JSON.stringify(images)).toContain("Photo 1");
      expect(requestsOf(ark)).toHaveLength(0);
    });
  }

  test("at the edge of what is allowed goes", async () => {
    for (const [width, height] of [
      [15, 15],
      [15, 240],
    ] as const) {
      const photo = await noisePicture({ width, height }).jpeg().toBuffer();

      expect((await sentFor(photo)).body.equals(photo)).toBe(true);
    }
  });

  test("is not left out: all of them go to the model, in their order", async () => {
    const photos = await Promise.all(
      ["#ff0000", "#00ff00", "#0000ff", "#ffff00", "#00ffff", "#ff00ff"].map((colour) =>
        plainPicture(size, colour).removeAlpha().jpeg().toBuffer(),
      ),
    );
    const named = photos.map((photo, at) => [`${at}.jpg`, photo] as const);
    const store = createMemoryStore(Object.fromEntries(named));
    await using ark = await startTestArk();
    const provider = createArkProvider({ baseUrl: ark.origin, apiKey: "k", streams: false });
    const event = { ...testImageEvent(1), referenceKeys: named.map(([key]) => key) };

    await runImageGenerator({ store, providers: [provider] }, event, testTools());

    const { image } = JSON.parse(requestsOf(ark)[0]?.body.toString() ?? "");
    const expected = photos.map((photo) => `data:image/jpeg;base64,${photo.toString("base64")}`);
    expect(image).toEqual(expected);
  });
});
