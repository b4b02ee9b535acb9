import type { Clock } from "../ports/clock.ts";

export type Memoized<T> = {
  (): Promise<T>;
  /** Who asks from now on asks anew. An answer that is under way goes to those who wait for it, and is not kept. */
  forget(): void;
};

/**
 * Gives one answer of `work` to all who ask within `lifeMs`, and while it is under way to all who wait: however many
 * ask, one call is in flight. An error goes to those who waited for it and is not kept.
 */
export function memoizeWithTtl<T>(
  work: () => Promise<T>,
  lifeMs: number,
  clock: Pick<Clock, "monotonicMs">,
): Memoized<T> {
  let kept: { readonly answer: T; readonly untilMs: number } | null = null;
  let underWay: Promise<T> | null = null;
  let forgotten = 0;

  async function read(): Promise<T> {
    const begunAt = forgotten;
    try {
      const answer = await work();
      if (begunAt === forgotten) kept = { answer, untilMs: clock.monotonicMs() + lifeMs };
      return answer;
    } finally {
      if (begunAt === forgotten) underWay = null;
    }
  }

  async function memoized(): Promise<T> {
    if (kept !== null && clock.monotonicMs() < kept.untilMs) return kept.answer;
    underWay ??= read();
    return underWay;
  }

  function forget(): void {
    forgotten += 1;
    kept = null;
    underWay = null;
  }

  return Object.assign(memoized, { forget });
}
