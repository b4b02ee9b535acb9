import { describe, expect, test } from "bun:test";
import {
  planPreprocess,
  preprocessOptionsSchema,
  type PreprocessOptions,
  watermarkKeyOf,
} from "./preprocess-options.ts";

const planOf = (options: PreprocessOptions) =>
  planPreprocess(preprocessOptionsSchema.parse(options));

describe("planPreprocess", () => {
  test("the options of the original contract become operations", () => {
    const plan = planOf({
      compress: true,
      resize: { width: 800, height: 600, mode: "fit" },
      crop: "3:4",
      watermark: "霓裳旗舰店",
      format: "webp",
      quality: 70,
    });

    expect(plan.operations).toMatchObject({
      resize: { width: 800, height: 600, mode: "fit", enlarge: false },
      crop: { ratio: "3:4", position: "centre" },
      watermark: { text: "霓裳旗舰店", position: "southeast" },
      format: "webp",
      quality: 70,
    });
    expect(plan.variants).toEqual([]);
  });

  test("no options at all give an upright JPEG", () => {
    expect(planOf({}).operations).toEqual({
      autoOrient: true,
      format: "jpeg",
      purpose: "final",
    });
  });

  test("compress alone lowers the quality, or sets the bytes", () => {
    expect(planOf({ compress: true, format: "avif" }).operations).toMatchObject({ quality: 50 });
    expect(planOf({ compress: { targetBytes: 50_000 } }).operations.targetBytes).toBe(50_000);
    expect(planOf({ compress: false }).operations.quality).toBeUndefined();
  });

  test("the short words for a cut-out", () => {
    expect(planOf({ cutOut: true }).operations.cutOut?.background).toBe("#ffffff");
    expect(planOf({ cutOut: "#aabbcc" }).operations.cutOut?.background).toBe("#aabbcc");
    expect(planOf({ cutOut: "marketplace" }).operations.cutOut?.preset).toBe("marketplace");
    expect(planOf({ cutOut: false }).operations.cutOut).toBeUndefined();
  });

  test("what is to be transparent is a PNG unless told otherwise", () => {
    expect(planOf({ cutOut: "transparent" }).operations.format).toBe("png");
    expect(planOf({ cutOut: "transparent", format: "webp" }).operations.format).toBe("webp");
    expect(planOf({ cutOut: "transparent", background: "#112233" }).operations.format).toBe("jpeg");
  });

  test("variants are all three or those that are named", () => {
    expect(planOf({ variants: true }).variants).toEqual(["list", "card", "detail"]);
    expect(planOf({ variants: ["card"] }).variants).toEqual(["card"]);
  });

  test("a picture as watermark is told, so that its owner can be checked", () => {
    expect(watermarkKeyOf({ watermark: { imageKey: "u/usr_1/in/logo.png" } })).toBe(
      "u/usr_1/in/logo.png",
    );
    expect(watermarkKeyOf({ watermark: "text" })).toBeUndefined();
  });
});

describe("preprocessOptionsSchema", () => {
  const refused: readonly (readonly [string, unknown])[] = [
    ["an unknown field", { sharpen: true }],
    ["an unknown field within", { resize: { width: 10, depth: 3 } }],
    ["a quality above 100", { quality: 101 }],
    ["a side above the limit", { resize: { width: 8193 } }],
    ["a ratio of nothing", { crop: "0:4" }],
    ["a rectangle without pixels", { crop: { left: 0, top: 0, width: 0, height: 5 } }],
    ["a target below a kilobyte", { compress: { targetBytes: 10 } }],
    ["an opacity above 1", { watermark: { text: "a", opacity: 2 } }],
    ["a watermark of two kinds", { watermark: { text: "a", imageKey: "b" } }],
    ["a watermark of no kind", { watermark: { tile: true } }],
    ["two lines of watermark", { watermark: { text: "a\nb" } }],
    ["two lines of watermark in the short form", { watermark: "a\nb" }],
    ["a colour by name", { background: "red" }],
    ["a square below 800", { cutOut: { preset: "marketplace", side: 500 } }],
    ["a format that is not written", { format: "gif" }],
    ["an unknown variant", { variants: ["huge"] }],
  ];
  for (const [name, options] of refused) {
    test(`${name} is refused`, () => {
      expect(preprocessOptionsSchema.safeParse(options).success).toBe(false);
    });
  }
});
