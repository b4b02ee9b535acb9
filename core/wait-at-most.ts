import type { Clock } from "./ports/clock.ts";

/** Waits for `work`, but no longer than `ms`: then it goes on by itself. Throws what `work` throws in time. */
export async function waitAtMost(
  clock: Pick<Clock, "sleep">,
  ms: number,
  work: Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const late = clock.sleep(ms, stop.signal).catch(() => undefined);
  try {
    await Promise.race([work, late]);
  } finally {
    stop.abort(new Error("no longer waited for"));
  }
}
