import { describe, expect, test } from "bun:test";
import { IMAGE_MODELS, parseSize } from "../image-models.ts";
import { findSeedreamModel } from "./seedream-models.ts";

describe("what customers may ask for is what the function lets through", () => {
  for (const offered of IMAGE_MODELS) {
    test(`of ${offered.id}`, () => {
      const model = findSeedreamModel(offered.id);

      expect(model?.id).toBe(offered.id);
      expect(model?.referencesMax ?? 0).toBeGreaterThanOrEqual(offered.referencesMax);
      expect([...(model?.optimizeModes ?? [])]).toEqual([...offered.qualities]);
      expect(model?.takesOutputFormat).toBe(offered.outputFormats.length > 1);
      for (const size of offered.sizes) {
        const { width, height } = parseSize(size);
        expect(width * height).toBeGreaterThanOrEqual(model?.pixelsMin ?? Number.NaN);
        expect(width * height).toBeLessThanOrEqual(model?.pixelsMax ?? Number.NaN);
      }
    });
  }
});
