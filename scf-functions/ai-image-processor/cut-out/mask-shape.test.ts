import { expect, test } from "bun:test";
import { smoothMask } from "./mask-shape.ts";

const SIZE = { width: 24, height: 24 } as const;

/** A block of garment over the given rows and columns, last ones included. */
function block(rows: [number, number], columns: [number, number]): Uint8Array {
  return Uint8Array.from({ length: SIZE.width * SIZE.height }, (_, at) => {
    const [x, y] = [at % SIZE.width, Math.floor(at / SIZE.width)];
    return y >= rows[0] && y <= rows[1] && x >= columns[0] && x <= columns[1] ? 1 : 0;
  });
}

test("smoothing leaves the slit between a hem and the photo's edge open", () => {
  const mask = block([4, 21], [0, 23]);

  const smooth = smoothMask(mask, SIZE, 2);

  expect([...smooth.subarray(22 * SIZE.width)].filter((value) => value === 1)).toEqual([]);
  expect(smooth[21 * SIZE.width + 12]).toBe(1);
});

test("smoothing keeps a garment that leaves the photo up to the photo's edge", () => {
  const mask = block([4, 23], [6, 17]);

  const smooth = smoothMask(mask, SIZE, 2);

  expect([...smooth.subarray(23 * SIZE.width + 6, 23 * SIZE.width + 18)]).toEqual(
    Array.from({ length: 12 }, () => 1),
  );
});

test("smoothing closes a slit inside of the garment and takes specks away", () => {
  const mask = block([4, 20], [4, 20]);
  for (let y = 4; y <= 20; y++) mask[y * SIZE.width + 12] = 0;
  mask[SIZE.width + 1] = 1;

  const smooth = smoothMask(mask, SIZE, 2);

  expect(smooth[12 * SIZE.width + 12]).toBe(1);
  expect(smooth[SIZE.width + 1]).toBe(0);
});
