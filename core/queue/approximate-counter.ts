import type { Clock } from "../ports/clock.ts";

/** How many there are of something that is too many to be counted at each turn. */
export interface ApproximateCounter {
  /** Takes one place below `limit`; gives what to call once, when it is known what came of it; null when full. */
  enter(limit: number): Promise<Leave | null>;
}
export type Leave = (cameToBe: boolean) => void;

/** However many ask, what is there is counted once in this time: or less often, so that counting costs 2 % at most. */
const RECOUNT_MS = 100;
const RECOUNT_COST_FACTOR = 50;
/** It is counted anew after this share of the room that was left has been taken. */
const TRUSTED_SHARE = 0.1;

/**
 * Remembers the last count and adds what this process let in since, so that a full count is made once in a while
 * only, the more often the less room there is. Exact for one process. Of several each may let in a tenth of the room
 * that it last saw, or what it lets in between two counts, before it learns of the others: so far may they go over.
 */
export function createApproximateCounter(
  count: (max: number) => Promise<number>,
  clock: Pick<Clock, "monotonicMs">,
): ApproximateCounter {
  let counted = 0;
  let since = 0;
  let entering = 0;
  let countedMs = Number.NEGATIVE_INFINITY;
  let restMs = 0;
  let underWay: Promise<void> | null = null;

  async function recount(limit: number): Promise<void> {
    const startedMs = clock.monotonicMs();
    try {
      counted = await count(limit);
      // What is under way may be in the count or not: to be safe, it is not.
      since = entering;
      countedMs = clock.monotonicMs();
      restMs = Math.max(RECOUNT_MS, (countedMs - startedMs) * RECOUNT_COST_FACTOR);
    } finally {
      underWay = null;
    }
  }

  return {
    async enter(limit) {
      const due = since >= Math.floor((limit - counted) * TRUSTED_SHARE);
      if (due && clock.monotonicMs() - countedMs >= restMs) {
        underWay ??= recount(limit);
        await underWay;
      }
      if (counted + since >= limit) return null;
      since += 1;
      entering += 1;
      return (cameToBe) => {
        entering -= 1;
        if (!cameToBe) since = Math.max(0, since - 1);
      };
    },
  };
}
