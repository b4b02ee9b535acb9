import type { Clock } from "../ports/clock.ts";

/**
 * Gives one answer of `work` to all who ask within `lifeMs`, and while it is under way to all who wait: however many
 * ask, one call is in flight. An error goes to those who waited for it and is not kept.
 */
export function remember<T>(
  work: () => Promise<T>,
  lifeMs: number,
  clock: Pick<Clock, "monotonicMs">,
): () => Promise<T> {
  let kept: { readonly answer: T; readonly untilMs: number } | null = null;
  let underWay: Promise<T> | null = null;

  async function ask(): Promise<T> {
    try {
      const answer = await work();
      kept = { answer, untilMs: clock.monotonicMs() + lifeMs };
      return answer;
    } finally {
      underWay = null;
    }
  }

  return async () => {
    if (kept !== null && clock.monotonicMs() < kept.untilMs) return kept.answer;
    underWay ??= ask();
    return underWay;
  };
}
