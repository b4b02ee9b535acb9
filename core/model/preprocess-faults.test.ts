import { describe, expect, test } from "bun:test";
import { preprocessFaults } from "./preprocess-faults.ts";
import type { PreprocessOptions } from "./preprocess-options.ts";

describe("preprocessFaults", () => {
  const size = { width: 8192, height: 8192 };
  const refused: Readonly<Record<string, PreprocessOptions>> = {
    "a huge AVIF": { resize: { ...size, mode: "fill", enlarge: true }, format: "avif" },
    "a huge WebP that covers": {
      resize: { ...size, mode: "cover", enlarge: true },
      format: "webp",
    },
    "huge bars": { resize: { ...size, mode: "contain" }, format: "avif" },
    "a huge JPEG with a mark all over": {
      resize: { ...size, mode: "fill", enlarge: true },
      watermark: { text: "霓裳", tile: true },
    },
  };
  test.each(Object.entries(refused))(
    "%s is told at its width, with the limit",
    (_name, options) => {
      expect(preprocessFaults(options)).toEqual([
        {
          pointer: "/resize/width",
          code: "TOO_BIG",
          detail: expect.stringMatching(
            /^8192 x 8192 pixels are too many for \w+ with these options: at most [\d.]+ megapixels/,
          ),
        },
      ]);
    },
  );

  const accepted: Readonly<Record<string, PreprocessOptions>> = {
    "a huge JPEG": { resize: { ...size, mode: "fill", enlarge: true } },
    "a box that small photos do not fill": { resize: size, format: "avif" },
    "an AVIF of twelve megapixels": {
      resize: { width: 4000, height: 3000, mode: "fill", enlarge: true },
      format: "avif",
    },
    nothing: {},
  };
  test.each(Object.entries(accepted))("%s is no fault", (_name, options) => {
    expect(preprocessFaults(options)).toEqual([]);
  });

  test("letters that cannot be drawn are named at the field that has them", () => {
    const detail = expect.stringContaining("👗 (U+1F457)");

    expect(preprocessFaults({ watermark: "👗新款" })).toEqual([
      { pointer: "/watermark", code: "NOT_DRAWABLE", detail },
    ]);
    expect(preprocessFaults({ watermark: { text: "👗新款" } })).toEqual([
      { pointer: "/watermark/text", code: "NOT_DRAWABLE", detail },
    ]);
  });
});
