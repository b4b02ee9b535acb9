import { expect, test } from "bun:test";
import sharp from "sharp";
import { sampleGarments } from "./sample-garments.ts";

test("the collection has five named photos of a phone's shape", async () => {
  const garments = await sampleGarments();

  expect(garments.map(({ name }) => name)).toEqual([
    "red-t-shirt",
    "navy-dress",
    "mustard-trousers",
    "green-skirt",
    "blue-jacket",
  ]);
  for (const { bytes } of garments) {
    const { format, width, height } = await sharp(bytes).metadata();
    expect([format, width, height]).toEqual(["jpeg", 960, 1280]);
  }
});
