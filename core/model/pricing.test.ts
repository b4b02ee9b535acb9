import { describe, expect, test } from "bun:test";
import { chargesOf, priceOf } from "./pricing.ts";
import type { TaskRequest } from "./task.ts";

const prices = { preprocess: 3, prompt: 7, image: 11 };
const photos = (count: number) =>
  Array.from({ length: count }, (_, nth) => `https://example.com/${nth}.jpg`);
const options = (n: number) => ({ size: "1024x1024", quality: "standard", n }) as const;

const full = (count: number, n: number): TaskRequest => ({
  type: "FULL_GENERATION",
  input: {
    clothingImages: photos(count),
    sceneType: "studio",
    stylePreference: "elegant",
    options: options(n),
  },
});
const generate = (references: number, n: number): TaskRequest => ({
  type: "GENERATE_ONLY",
  input: { prompt: "a dress", referenceImages: photos(references), options: options(n) },
});

describe("the price of a task", () => {
  test.each([
    [full(1, 1), 3 + 7 + 11],
    [full(3, 1), 9 + 7 + 11],
    [full(3, 4), 9 + 7 + 44],
    [full(10, 10), 30 + 7 + 110],
    [{ type: "PREPROCESS_ONLY", input: { images: photos(3), options: {} } } as const, 9],
    [generate(0, 3), 33],
    // Photos that are only looked at cost nothing.
    [generate(3, 3), 33],
    [
      {
        type: "PROMPT_ONLY",
        input: { imageUrl: "https://a/b", sceneType: "studio", stylePreference: "elegant" },
      } as const,
      7,
    ],
  ] as const)("counts each photo, prompt and picture: %j", (request, credits) => {
    expect(priceOf(request, prices)).toBe(credits);
  });

  test("is the sum of its lines, which have no line for what is not made", () => {
    expect(chargesOf(full(3, 2), prices)).toEqual([
      { what: "preprocess", count: 3, creditsEach: 3, credits: 9 },
      { what: "prompt", count: 1, creditsEach: 7, credits: 7 },
      { what: "image", count: 2, creditsEach: 11, credits: 22 },
    ]);
    expect(chargesOf(generate(3, 2), prices).map(({ what }) => what)).toEqual(["image"]);
  });
});
