import { expect, test } from "bun:test";
import sharp from "sharp";
import { makeContactSheet } from "./contact-sheet.ts";

function picture(width: number, height: number): Promise<Buffer> {
  const create = { width, height, channels: 3 as const, background: "#a0522d" };
  return sharp({ create }).jpeg().toBuffer();
}

test.each([
  [1, 1],
  [10, 1],
  [5, 6],
  [10, 15],
])("%d garments and %d results make one page of sensible shape", async (before, after) => {
  const shapes = [
    await picture(300, 400),
    await picture(400, 300),
    await picture(300, 900),
  ] as const;
  const some = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ bytes: shapes[at % 3] ?? shapes[0] }));

  const sheet = await makeContactSheet({ garments: some(before), results: some(after) });

  const { format, width, height } = await sharp(sheet).metadata();
  expect(format).toBe("jpeg");
  expect(width).toBeGreaterThan(1500);
  expect(height).toBeGreaterThan(300);
  expect(height).toBeLessThan(width * 1.6);
});
