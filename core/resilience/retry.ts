import { DrapeError } from "../model/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";

export type RetryDeps = {
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
  readonly random: Pick<Random, "fraction">;
};

export type RetryPolicy = {
  /** The first run included. */
  readonly runsMax: number;
  /** The first wait is at most twice this, and each further one at most twice the one before. */
  readonly baseMs: number;
  /** When this has passed since the first run began, no other begins. */
  readonly limitMs?: number;
  /** Ends a wait: its reason is thrown then. A run has to look at it by itself. */
  readonly signal?: AbortSignal;
  /** Asked after every failure, the last one too. What it throws is thrown instead of the failure. */
  readonly isWorthIt: (error: unknown) => boolean | Promise<boolean>;
  /** Before each run but the first, when its wait is over. */
  readonly onAgain?: (error: unknown, run: number) => void;
};

export type Backoff = {
  readonly baseMs: number;
  /** How often it grew. */
  readonly run: number;
  /** What the other side asked for: it is never less. */
  readonly retryAfterMs?: number | undefined;
  /** This part of the wait is certain, the rest is drawn; 0 by default, which is full jitter. */
  readonly certainShare?: number;
};

const NEVER = new AbortController().signal;

/**
 * What `work` gives, run again after a growing wait as long as its failure is worth it; throws the last failure. With
 * full jitter: those who failed together do not come back together.
 */
export async function retry<T>(
  { clock, random }: RetryDeps,
  policy: RetryPolicy,
  work: () => Promise<T>,
): Promise<T> {
  const { runsMax, baseMs, limitMs = Number.POSITIVE_INFINITY, signal = NEVER } = policy;
  const startedMs = clock.monotonicMs();
  for (let run = 1; ; run += 1) {
    try {
      return await work();
    } catch (error) {
      const isWorthIt = await policy.isWorthIt(error);
      const isLate = clock.monotonicMs() - startedMs > limitMs;
      if (!isWorthIt || isLate || run >= runsMax) throw error;
      const retryAfterMs = error instanceof DrapeError ? error.retryAfterMs : undefined;
      await clock.sleep(backoffMs(random, { baseMs, run, retryAfterMs }), signal);
      policy.onAgain?.(error, run + 1);
    }
  }
}

/** A wait that doubles with each run, drawn anew each time. */
export function backoffMs(random: RetryDeps["random"], backoff: Backoff): number {
  const { baseMs, run, retryAfterMs = 0, certainShare = 0 } = backoff;
  const drawn = certainShare + (1 - certainShare) * random.fraction();
  return Math.max(retryAfterMs, Math.ceil(baseMs * 2 ** run * drawn));
}
