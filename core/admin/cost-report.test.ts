import { expect, test } from "bun:test";
import { UNKNOWN_COSTS, type UnitCosts } from "../model/unit-costs.ts";
import { costLine } from "./cost-report.ts";
import { FUNCTIONS } from "../model/functions.ts";
import type { Usage } from "../model/usage-meter.ts";

const PRICES: UnitCosts = {
  currency: "CNY",
  perImage: 0.2,
  perMillionInputTokens: 3,
  perMillionOutputTokens: 9,
  perGbSecond: 0.0001,
  perMillionCalls: 1,
};
const nothing = { calls: 0, megabyteMs: 0, images: 0, inputTokens: 0, outputTokens: 0, bytes: 0 };
const line = (usage: Partial<Usage>, prices = PRICES) =>
  costLine({ function: "image-generator", provider: "ark", ...nothing, ...usage }, prices);

test("pictures are paid by the piece, though their model counts tokens too", () => {
  expect(line({ images: 3, outputTokens: 12_000 }).cost).toBe(0.6);
});

test("a prompt is paid by its tokens, and a function by its memory, time and calls", () => {
  const prompt = line({
    function: "prompt-generator",
    inputTokens: 1_000_000,
    outputTokens: 100_000,
  });
  const calls = line({ provider: "", calls: 10, megabyteMs: 1_024 * 1_000 * 25 });

  expect(prompt.cost).toBe(3.9);
  expect([calls.gbSeconds, calls.cost]).toEqual([25, 0.00251]);
});

test("what has no price has no cost, and what was not used needs none", () => {
  expect(line({ images: 1 }, UNKNOWN_COSTS).cost).toBeNull();
  expect(line({ images: 1 }, { ...UNKNOWN_COSTS, perImage: 1 }).cost).toBe(1);
});

test("all functions together stay within the memory that a region gives", () => {
  const REGION_MB = 128_000;
  const inUse = Object.values(FUNCTIONS).map(({ permitsMax, memoryMb }) => permitsMax * memoryMb);

  expect(inUse.reduce((sum, mb) => sum + mb, 0)).toBeLessThanOrEqual(REGION_MB);
});
