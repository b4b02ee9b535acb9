import { describe, expect, test } from "bun:test";
import { configuredModel, findImageModel, IMAGE_MODELS, REFERENCES_MAX } from "./image-models.ts";

describe("the image models", () => {
  test("are found by any case, and by another name of theirs", () => {
    const ids = ["doubao-Seedream-4-0-250828", "DOUBAO-SEEDREAM-5-0-LITE-260128", "gpt-5"];

    expect(ids.map((id) => findImageModel(id)?.id)).toEqual([
      "doubao-seedream-4-0-250828",
      "doubao-seedream-5-0-260128",
      undefined,
    ]);
  });

  test("make the sizes that their provider takes: small ones are for 4.0 alone", () => {
    const facts = IMAGE_MODELS.map(({ id, sizes, qualities, referencesMax }) => {
      const extremes = `${sizes[0]} to ${sizes.at(-1)}`;
      return `${id}: ${extremes}, ${qualities.join("/")}, ${referencesMax}`;
    });

    expect(facts).toEqual([
      "doubao-seedream-4-0-250828: 1024x1024 to 4096x4096, standard/fast, 10",
      "doubao-seedream-4-5-251128: 2048x2048 to 4096x4096, standard, 14",
      "doubao-seedream-5-0-260128: 2048x2048 to 3072x3072, standard, 14",
    ]);
    expect(REFERENCES_MAX).toBe(14);
  });

  test("an endpoint of the operator's own takes every size of ours", () => {
    const { id, sizes } = configuredModel("ep-20251125-abcde");

    expect(id).toBe("ep-20251125-abcde");
    expect(sizes).toContain("1024x1024");
    expect(sizes).toContain("4096x4096");
  });
});
