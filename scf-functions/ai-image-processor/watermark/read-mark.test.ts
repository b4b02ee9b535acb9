import { describe, expect, test } from "bun:test";
import {
  type ImageOperations,
  operationsSchema,
} from "../../../core/function-schemas/image-processor.ts";
import { systemResolveAll } from "../../../net/source-address.ts";
import { createMemoryStore } from "../../testing/memory-store.fixture.ts";
import { noisePicture, smallJpeg } from "../../testing/pictures.fixture.ts";
import { blackPng } from "../../testing/drawn-png.fixture.ts";
import { testTools } from "../../testing/tools.fixture.ts";
import { processBatch } from "../process-batch.ts";

const rules = { allowedOrigins: new Set<string>(), resolveAll: systemResolveAll, httpsPort: 443 };

/** Works on good photos with these operations; the mark, if any, is the object "u/7/mark.png". */
async function batch(objects: Readonly<Record<string, Buffer>>, each: readonly ImageOperations[]) {
  const store = createMemoryStore({ "u/7/photo.jpg": await smallJpeg(), ...objects });
  const images = each.map((operations, at) => ({
    from: "u/7/photo.jpg",
    to: `t/1/${at}.jpg`,
    operations: operationsSchema.parse(operations),
    variants: [],
  }));
  const { items } = await processBatch(
    { store, rules },
    { action: "process", images },
    testTools(),
  );
  return { store, items };
}

describe("the picture of a watermark", () => {
  const watermark = { imageKey: "u/7/mark.png" };
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect/></svg>';
  const bad: Readonly<Record<string, readonly [make: () => Promise<Buffer>, code: string]>> = {
    "an SVG that is called a PNG": [async () => Buffer.from(svg), "IMAGE_UNREADABLE"],
    "one that lacks pixels": [
      async () => (await noisePicture({ width: 99, height: 99 }).png().toBuffer()).subarray(0, 999),
      "IMAGE_UNREADABLE",
    ],
    "one that is too long": [async () => blackPng(1, 100_000), "IMAGE_TOO_LARGE"],
    "one of 25 megapixels and more": [async () => blackPng(5001, 5000), "IMAGE_TOO_LARGE"],
  };
  for (const [name, [make, code]] of Object.entries(bad)) {
    test(`${name} is named as such before the photo is read, and others are delivered`, async () => {
      const { store, items } = await batch({ "u/7/mark.png": await make() }, [{ watermark }, {}]);

      expect(items).toMatchObject([
        {
          ok: false,
          failure: { code, message: expect.stringMatching(/^The watermark's picture /) },
        },
        { ok: true },
      ]);
      expect(JSON.stringify(items[0])).not.toContain("u/7");
      expect(store.calls.filter((call) => call === "get u/7/photo.jpg")).toHaveLength(1);
    });
  }

  test("one that is gone is told by no key", async () => {
    const { items } = await batch({}, [{ watermark }]);

    expect(items[0]).toMatchObject({
      failure: {
        code: "IMAGE_SOURCE_UNREACHABLE",
        message: "The watermark's picture is not in the store any more.",
      },
    });
  });
});

describe("faults of one picture in a batch", () => {
  test("a crop beside the picture is the customer's, and the others are delivered", async () => {
    const crop = { left: 5_000, top: 0, width: 10, height: 10 };

    const { items } = await batch({}, [{ crop }, {}]);

    expect(items).toMatchObject([
      {
        ok: false,
        failure: {
          code: "IMAGE_OPERATION_INVALID",
          message: "/options/crop lies beside the picture, which is 64 x 48 pixels.",
        },
      },
      { ok: true },
    ]);
  });

  test("a text that was let through once and cannot be drawn is told, never drawn as boxes", async () => {
    const { items } = await batch({}, [{ watermark: { text: "👗新款" } }, {}]);

    expect(items).toMatchObject([
      {
        ok: false,
        failure: {
          code: "IMAGE_OPERATION_INVALID",
          message: "/options/watermark has letters that cannot be drawn: 👗 (U+1F457).",
        },
      },
      { ok: true },
    ]);
  });
});
