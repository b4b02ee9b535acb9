import { expect, test } from "bun:test";
import sharp from "sharp";
import { CUT_OUT_TRUST, cutOutGarment } from "./cut-out.ts";
import { maskStart } from "./start-mask.ts";

const [BACKGROUND, MAYBE_BACKGROUND, MAYBE_FOREGROUND] = [0, 2, 3];

test("a skirt whose hem leaves the photo is cut down to the photo's edge", async () => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="400">
    <rect width="300" height="400" fill="#cfc6b8"/>
    <path d="M110 90 H190 L230 400 H70 Z" fill="#2f4f7a"/></svg>`;
  const photo = await sharp(Buffer.from(svg)).jpeg().toBuffer();

  const cut = await cutOutGarment(photo);

  const alpha = (x: number, y: number) => cut.rgba[4 * (y * 300 + x) + 3] ?? -1;
  expect([alpha(100, 398), alpha(150, 399), alpha(200, 398)]).toEqual([255, 255, 255]);
  expect([alpha(30, 398), alpha(270, 398), alpha(150, 40)]).toEqual([0, 0, 0]);
  expect(cut.confidence).toBeGreaterThanOrEqual(CUT_OUT_TRUST);
});

test("the border is sure background but for where the garment runs into it", () => {
  const picture = { lab: new Uint8Array(1200), width: 20, height: 20 };
  const mask = Uint8Array.from({ length: 400 }, (_, at) =>
    at >= 200 && at % 20 >= 9 && at % 20 <= 10 ? 1 : 0,
  );

  const start = maskStart(picture, mask);

  const lowest = [0, 0, 0, 0, 0, 0, 0, 2, 2, 3, 3, 2, 2, 0, 0, 0, 0, 0, 0, 0];
  expect([...start.subarray(380)]).toEqual(lowest);
  expect(start[9]).toBe(BACKGROUND);
  expect(start[63]).toBe(MAYBE_BACKGROUND);
  expect(start[249]).toBe(MAYBE_FOREGROUND);
});
