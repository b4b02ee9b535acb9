import { describe, expect, test } from "bun:test";
import { deflateSync } from "node:zlib";
import sharp from "sharp";
import { blackPng } from "../testing/drawn-png.fixture.ts";
import { noisePicture, plainPicture } from "../testing/pictures.fixture.ts";
import { inspectPicture, openPicture } from "./picture.ts";
import { pngChunk } from "./png-structure.ts";

const inspect = (bytes: Buffer) => inspectPicture(bytes, { name: "Photo", timeoutMs: 20_000 });
const SIZE = { width: 300, height: 200 };
const START_OF_SCAN = Buffer.from([0xff, 0xda]);

/** CPU of this process while it works. */
async function cpuMsOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe("a picture's shape", () => {
  test("one of a pixel by 25 million is refused by its header, and told as what it is", async () => {
    const thread = blackPng(1, 25_000_000);

    const ms = await cpuMsOf(async () =>
      expect(inspect(thread)).rejects.toMatchObject({
        code: "IMAGE_TOO_LARGE",
        message:
          "Photo is 1 x 25000000 pixels: a side has at most 30000, and the longer side is at most 100 times the shorter.",
      }),
    );

    expect(ms).toBeLessThan(500);
  });

  test("a ratio that no photo has is refused in every format", async () => {
    const thin = { width: 8000, height: 20 };
    const pictures = await Promise.all(
      (["jpeg", "png", "webp"] as const).map((format) =>
        plainPicture(thin).toFormat(format).toBuffer(),
      ),
    );

    for (const picture of pictures) {
      await expect(inspect(picture)).rejects.toMatchObject({
        code: "IMAGE_TOO_LARGE",
        message: expect.stringContaining("8000 x 20 pixels: the longer side is at most 100 times"),
      });
    }
  });

  test("a long product page is welcome", async () => {
    const page = { width: 790, height: 20_000 };

    const facts = await Promise.all(
      (["jpeg", "png"] as const).map(async (format) =>
        inspect(await plainPicture(page).toFormat(format).toBuffer()),
      ),
    );

    expect(facts).toMatchObject([page, page]);
  });
});

describe("a picture that is slow to read", () => {
  test("a JPEG in hundreds of scans is refused with the reason", async () => {
    const photo = await plainPicture(SIZE).jpeg({ progressive: true }).toBuffer();
    const last = photo.subarray(photo.lastIndexOf(START_OF_SCAN), -2);
    const scans = Array.from({ length: 300 }, () => last);
    const slow = Buffer.concat([photo.subarray(0, -2), ...scans, photo.subarray(-2)]);

    await expect(inspect(slow)).rejects.toMatchObject({
      code: "IMAGE_TOO_LARGE",
      message: expect.stringMatching(/^Photo is a JPEG in 3\d\d scans, which takes too long/),
    });
    expect(await inspect(photo)).toMatchObject({ format: "jpeg" });
  });

  test("compressed texts of a PNG are not read", async () => {
    const text = Buffer.concat([
      Buffer.from("Comment\0\0"),
      deflateSync(Buffer.alloc(7_900_000, 65)),
    ]);
    const heavy = blackPng(
      50,
      50,
      Array.from({ length: 100 }, () => pngChunk("zTXt", text)),
    );

    const ms = await cpuMsOf(() => inspect(heavy));

    // They inflate for 8 s.
    expect(ms).toBeLessThan(1_000);
  });
});

describe("a picture without its end", () => {
  for (const progressive of [false, true]) {
    const kind = progressive ? "progressive JPEG" : "JPEG";
    const make = () => noisePicture(SIZE).jpeg({ progressive }).toBuffer();

    test(`a ${kind} without its end marker is read, pixel by pixel the same`, async () => {
      const whole = await make();
      const pixels = (bytes: Buffer) => openPicture(bytes, 20_000).raw().toBuffer();

      for (const missing of [1, 2]) {
        const cut = whole.subarray(0, -missing);
        expect(await inspect(cut)).toMatchObject(SIZE);
        expect((await pixels(cut)).equals(await pixels(whole))).toBe(true);
      }
    });

    test(`a ${kind} that lacks pixels is refused, with or without an end marker behind them`, async () => {
      const whole = await make();

      for (const missing of [50, 500, Math.floor(whole.length / 3)]) {
        await expect(inspect(whole.subarray(0, -missing))).rejects.toMatchObject({
          code: "IMAGE_UNREADABLE",
          message: "Photo is damaged and cannot be read.",
        });
      }
    });

    test(`bytes behind the end of a ${kind} do no harm`, async () => {
      const more = Buffer.concat([await make(), Buffer.alloc(3_000, 7)]);

      expect(await inspect(more)).toMatchObject(SIZE);
    });
  }

  test("a progressive JPEG without its last scans is a blurred one, and refused", async () => {
    const whole = await noisePicture(SIZE).jpeg({ progressive: true }).toBuffer();
    const blurred = whole.subarray(0, whole.lastIndexOf(START_OF_SCAN));

    await expect(inspect(blurred)).rejects.toMatchObject({ code: "IMAGE_UNREADABLE" });
  });

  test("a PNG is read as long as all its pixels are there", async () => {
    const whole = await noisePicture(SIZE).png().toBuffer();

    // The end chunk has 12 bytes, and the checksum of the pixels before it 4.
    for (const missing of [1, 4, 12, 16]) {
      expect(await inspect(whole.subarray(0, -missing))).toMatchObject(SIZE);
    }
    for (const missing of [24, 500]) {
      await expect(inspect(whole.subarray(0, -missing))).rejects.toMatchObject({
        code: "IMAGE_UNREADABLE",
      });
    }
    expect(await inspect(Buffer.concat([whole, Buffer.alloc(3_000, 7)]))).toMatchObject(SIZE);
  });
});

test("what is no JPEG, PNG or WebP never comes to the decoder", async () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
  const gif = await plainPicture({ width: 9, height: 9 }).gif().toBuffer();
  const tiff = await sharp({ create: { width: 9, height: 9, channels: 3, background: "#fff" } })
    .tiff()
    .toBuffer();

  for (const bytes of [svg, gif, tiff, Buffer.alloc(0)]) {
    expect(() => openPicture(bytes, 1_000)).toThrow("not a picture");
  }
});
