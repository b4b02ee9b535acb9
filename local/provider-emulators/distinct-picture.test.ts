import sharp from "sharp";
import { expect, test } from "bun:test";
import { differenceHash, hashDistance } from "../preview/garment/difference-hash.ts";
import { DistinctPictures } from "./distinct-picture.ts";

/** A picture whose brightness runs from left to right or back. */
async function ramp(rising: boolean): Promise<Uint8Array> {
  const pixels = Buffer.from(
    Array.from({ length: 90 * 80 }, (_, at) => (rising ? at % 90 : 90 - (at % 90)) * 2),
  );
  return sharp(pixels, { raw: { width: 90, height: 80, channels: 1 } })
    .png()
    .toBuffer();
}

test("a picture too near an earlier one is drawn again, until one differs", async () => {
  const distinct = new DistinctPictures();
  const [left, right] = [await ramp(false), await ramp(true)];
  const drawn = [right, right, left];
  const draw = async () => drawn.shift() ?? left;

  const first = await distinct.make("90x80", draw);
  const second = await distinct.make("90x80", draw);

  expect(hashDistance(await differenceHash(first), await differenceHash(second))).toBeGreaterThan(
    8,
  );
  expect(drawn).toEqual([]);
});

test("it gives up after five tries, and pictures of another shape do not count", async () => {
  const distinct = new DistinctPictures();
  const picture = await ramp(true);
  let draws = 0;
  const draw = async () => {
    draws += 1;
    return picture;
  };

  await distinct.make("90x80", draw);
  await distinct.make("80x90", draw);
  const otherShape = draws;
  await distinct.make("90x80", draw);

  expect([otherShape, draws]).toEqual([2, 7]);
});
