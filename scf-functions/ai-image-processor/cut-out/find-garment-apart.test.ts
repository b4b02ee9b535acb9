import { describe, expect, test } from "bun:test";
import { drawLab } from "./drawn-lab.fixture.ts";
import { findGarmentApart, SEARCH_LIMITS } from "./find-garment-apart.ts";
import { startGarmentFinder } from "./garment-finder.ts";
import { isHopeless } from "./hopeless-picture.ts";

const SIZE = { width: 192, height: 256 };
const inDisc = (x: number, y: number) => Math.hypot(x - 96, y - 128) < 60;
const disc = drawLab(SIZE, (x, y) => (inDisc(x, y) ? 40 : 240));
/** GrabCut works on this one for longer than anybody waits. */
const board = drawLab(SIZE, (x, y) => ((Math.floor(x / 4) + Math.floor(y / 4)) % 2) * 255);

describe("a search beside the function", () => {
  test("one that takes too long is ended at its limit of CPU, and the next one works", async () => {
    const startedAt = performance.now();

    const stopped = await findGarmentApart(board, 60_000, { cpuMs: 500, timeMs: 60_000 });
    const after = performance.now() - startedAt;
    const next = await findGarmentApart(disc, 60_000);

    expect(stopped).toBeNull();
    expect(after).toBeLessThan(20_000);
    expect(next?.confidence).toBeGreaterThan(0.9);
  }, 60_000);

  test("it is ended at the call's own deadline, in its queue as well", async () => {
    const both = await Promise.all([findGarmentApart(board, 800), findGarmentApart(disc, 800)]);
    const next = await findGarmentApart(disc, 60_000);

    expect(both).toEqual([null, null]);
    expect(next?.confidence).toBeGreaterThan(0.9);
  }, 60_000);

  test("a finder that was ended in the middle of its work says so to who waits", async () => {
    const finder = startGarmentFinder();
    await finder.ready;

    const finding = finder.find(board);
    finder.end();

    await expect(finding).rejects.toThrow("ended");
    await expect(finder.find(disc)).rejects.toThrow("ended");
  }, 60_000);

  test("the limits leave a photo its time", () => {
    expect(SEARCH_LIMITS).toEqual({ cpuMs: 2_000, timeMs: 10_000 });
  });
});

describe("isHopeless", () => {
  const grain = (x: number, y: number) => ((x * 7919 + y * 104_729) % 101) / 101;
  const hopeless: Readonly<Record<string, (x: number, y: number) => number>> = {
    white: () => 255,
    black: () => 0,
    "one colour with grain": (x, y) => 128 + 8 * grain(x, y),
    "a gradient from black to white": (_x, y) => y,
    "a soft light": (x, y) => 220 - Math.hypot(x - 96, y - 128) * 0.3,
    "two greys of a dither": (x, y) => 120 + 12 * ((x + y) % 2),
    "two halves that hardly differ": (x) => (x < 96 ? 120 : 130),
  };
  test.each(Object.entries(hopeless))("%s needs no cut", (_name, grey) => {
    expect(isHopeless(drawLab(SIZE, grey))).toBe(true);
  });

  test("a garment that can be told from its background is looked for", () => {
    const faint = drawLab(SIZE, (x, y) => (inDisc(x, y) ? 150 : 185));

    expect([disc, board, faint].map(isHopeless)).toEqual([false, false, false]);
  });

  test("a picture of a single pixel is hopeless, and no error", () => {
    expect(isHopeless(drawLab({ width: 1, height: 1 }, () => 0))).toBe(true);
  });
});
