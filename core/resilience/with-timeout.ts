import type { Clock } from "../ports/clock.ts";

/**
 * What `work` gives or throws, but no later than `ms`: then what `late` gives or throws, and the work goes on by
 * itself, heard by nobody.
 */
export async function withTimeout<T, L>(
  clock: Pick<Clock, "sleep">,
  ms: number,
  work: Promise<T>,
  late: () => L,
): Promise<T | L> {
  const stop = new AbortController();
  const limit = clock.sleep(ms, stop.signal).then(late);
  try {
    return await Promise.race([work, limit]);
  } finally {
    stop.abort(new Error("no longer waited for"));
  }
}
