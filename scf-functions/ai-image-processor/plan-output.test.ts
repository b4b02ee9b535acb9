import { describe, expect, test } from "bun:test";
import {
  type ImageOperations,
  operationsSchema,
} from "../../core/function-schemas/image-processor.ts";
import { blackPng } from "../testing/drawn-png.fixture.ts";
import { noisePicture, plainPicture } from "../testing/pictures.fixture.ts";
import { outputSize } from "./output-size.ts";
import { planOutput } from "./plan-output.ts";
import { reencodePicture } from "./reencode-picture.ts";
import { createWorkMemory } from "./work-memory.ts";

const make = (photo: Buffer, operations: ImageOperations, variants: readonly "detail"[] = []) =>
  reencodePicture(photo, operationsSchema.parse(operations), {
    name: "photo",
    timeoutMs: 60_000,
    variants,
  });

describe("outputSize", () => {
  const boxes = [
    { width: 37, height: 91 },
    { width: 400, height: 90 },
    { width: 33 },
    { height: 250 },
  ];
  const modes = ["fit", "fill", "cover", "contain", "inside", "outside"] as const;
  for (const mode of modes) {
    test(`${mode} comes out as large as it is said before`, async () => {
      const photo = await plainPicture({ width: 120, height: 77 }).png().toBuffer();

      for (const enlarge of [false, true]) {
        for (const box of boxes) {
          const operations = operationsSchema.parse({ resize: { ...box, mode, enlarge } });
          const { width, height } = await make(photo, operations);
          expect({ box, enlarge, ...outputSize({ width: 120, height: 77 }, operations) }).toEqual({
            box,
            enlarge,
            width,
            height,
          });
        }
      }
    });
  }
});

describe("a result that is larger than its format takes", () => {
  test("a size that was requested is refused with the limit, before any pixel is made", async () => {
    const resize = { width: 8192, height: 8192, mode: "fill", enlarge: true } as const;
    const making = make(blackPng(1, 1), { resize, format: "avif" });

    await expect(making).rejects.toMatchObject({
      code: "IMAGE_OPERATION_INVALID",
      message: expect.stringMatching(
        /^\/options\/resize cannot be done: 8192 x 8192 pixels are too many for avif .* at most 12\.5 megapixels/,
      ),
    });
  });

  test.each(["webp", "avif"] as const)(
    "a long page becomes a %s that is as long as one can be, and the report says so",
    async (format) => {
      const page = await plainPicture({ width: 200, height: 17_000 }).jpeg().toBuffer();

      const made = await make(page, { format });

      expect(Math.max(made.width, made.height)).toBe(format === "webp" ? 16_383 : 16_384);
      expect(made.report.done).toContain(`made smaller: that is as large as ${format} gets here`);
    },
  );

  test("the copies of a long page are made as well, and the page stays whole", async () => {
    const page = await plainPicture({ width: 200, height: 17_000 }).jpeg().toBuffer();

    const made = await make(page, {}, ["detail"]);

    expect([made.width, made.height]).toEqual([200, 17_000]);
    expect(made.variants[0]?.height).toBe(16_383);
  });

  test("a photo that fits is left as large as it is", async () => {
    const photo = await noisePicture({ width: 400, height: 300 }).jpeg().toBuffer();

    const made = await make(photo, { format: "avif", quality: 30 });

    expect([made.width, made.height]).toEqual([400, 300]);
    expect(made.report.done).toEqual(["400 x 300 avif at quality 30"]);
  });
});

describe("the memory that a picture takes", () => {
  const planOf = (operations: ImageOperations, width: number, height: number) =>
    planOutput(
      blackPng(2, 2),
      { format: "png", width, height },
      operationsSchema.parse(operations),
      [],
    );

  test("grows with the pixels and the format, and always fits into the call's own", () => {
    const jpeg = planOf({ format: "jpeg" }, 5000, 5000);
    const avif = planOf({ format: "avif" }, 5000, 5000);

    expect(jpeg.box).toBeNull();
    expect(jpeg.megabytes).toBeLessThan(250);
    expect(avif.box?.width).toBeWithin(3500, 3537);
    expect(avif.megabytes).toBeWithin(500, 641);
  });

  test("two pictures that do not fit together are worked on one after the other", async () => {
    const memory = createWorkMemory(100);
    const order: string[] = [];
    const first = await memory.take(70);

    const second = memory.take(50).then((giveBack) => {
      order.push("second");
      giveBack();
    });
    const third = memory.take(1_000).then((giveBack) => {
      order.push("third, alone");
      giveBack();
    });
    // Who may go has gone by then.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    order.push("first ends");
    first();
    await Promise.all([second, third]);

    expect(order).toEqual(["first ends", "second", "third, alone"]);
  });
});
