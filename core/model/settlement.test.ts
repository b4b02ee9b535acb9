import { describe, expect, test } from "bun:test";
import { settlementOf } from "./settlement.ts";
import type { StepName, StepState } from "./step-results.ts";

const input = {
  clothingImages: ["https://example.com/a.jpg"],
  sceneType: "studio",
  stylePreference: "casual",
  options: { size: "1024x1024", quality: "standard", n: 2 },
} as const;

function task(...steps: ReturnType<typeof step>[]) {
  return { type: "FULL_GENERATION", input, heldCredits: 22, steps } as const;
}

function step(name: StepName, index: number, priceCredits: number, state: StepState = "done") {
  return { step: name, index, state, priceCredits };
}

const prepared = [step("preprocess", 0, 1), step("prompt", 0, 1)];

describe("settlement", () => {
  test("every image made: succeeded, all that was stored is posted", () => {
    const ended = settlementOf(
      task(...prepared, step("generate", 0, 10), step("generate", 1, 10)),
      "finished",
    );

    expect(ended).toEqual({ status: "succeeded", postedCredits: 22, releasedCredits: 0 });
  });

  test("a degraded prompt returns its price", () => {
    const degraded = [step("preprocess", 0, 1), step("prompt", 0, 0, "degraded")];

    const ended = settlementOf(
      task(...degraded, step("generate", 0, 10), step("generate", 1, 10)),
      "finished",
    );

    expect(ended).toEqual({ status: "succeeded", postedCredits: 21, releasedCredits: 1 });
  });

  test("one image missed: partial", () => {
    const ended = settlementOf(
      task(...prepared, step("generate", 0, 10), step("generate", 1, 0, "missed")),
      "finished",
    );

    expect(ended).toEqual({ status: "partial", postedCredits: 12, releasedCredits: 10 });
  });

  test("no image: failed, and the steps before it are free", () => {
    const ended = settlementOf(task(...prepared, step("generate", 0, 10, "asked")), "finished");

    expect(ended).toEqual({ status: "failed", postedCredits: 0, releasedCredits: 22 });
  });

  test("cancel and deadline keep their own state and the same formula", () => {
    const some = task(...prepared, step("generate", 0, 10));

    expect(settlementOf(some, "canceled")).toEqual({
      status: "canceled",
      postedCredits: 12,
      releasedCredits: 10,
    });
    expect(settlementOf(some, "expired")).toEqual({
      status: "expired",
      postedCredits: 12,
      releasedCredits: 10,
    });
    expect(settlementOf(task(), "canceled").releasedCredits).toBe(22);
  });

  test("never more is posted than was held", () => {
    const tooMuch = [0, 1, 2].map((index) => step("generate", index, 10));

    const ended = settlementOf(task(...prepared, ...tooMuch), "finished");

    expect(ended).toEqual({ status: "succeeded", postedCredits: 22, releasedCredits: 0 });
  });
});
