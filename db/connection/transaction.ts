import { asUnavailable, isWorthRerunning } from "./database-errors.ts";
import type { Db, Tx } from "./open.ts";

/** A transaction is run at most this often, and never again after this time. */
const RUNS_MAX = 5;
const RERUN_UNTIL_MS = 10_000;
const JITTER_MS = 20;
const NEVER = new AbortController().signal;

/**
 * Runs `work` in one transaction, and all of it again when the database undid it to end a deadlock or a wait for a
 * lock: `work` must begin from what it reads. Throws UNAVAILABLE when the database is away: `ran` is "no" before the
 * commit and "unknown" when the commit itself was not answered.
 */
export async function transaction<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return rerunning(db, async () => {
    try {
      return await db.kysely.transaction().execute(work);
    } catch (error) {
      throw isWorthRerunning(error) ? error : asUnavailable(error, "no");
    }
  });
}

/** One writing statement of its own, under the same rule; cut off, it may have had its effect. */
export async function statement<T>(
  db: Pick<Db, "clock" | "random">,
  run: () => Promise<T>,
): Promise<T> {
  return rerunning(db, async () => {
    try {
      return await run();
    } catch (error) {
      throw isWorthRerunning(error) ? error : asUnavailable(error, "unknown");
    }
  });
}

async function rerunning<T>(
  { clock, random }: Pick<Db, "clock" | "random">,
  run: () => Promise<T>,
): Promise<T> {
  const startedMs = clock.monotonicMs();
  for (let runs = 1; ; runs += 1) {
    try {
      return await run();
    } catch (error) {
      if (!isWorthRerunning(error)) throw error;
      const late = clock.monotonicMs() - startedMs > RERUN_UNTIL_MS;
      if (runs >= RUNS_MAX || late) throw asUnavailable(error, "no");
      // With jitter: two that met once do not meet again.
      await clock.sleep(random.fraction() * JITTER_MS * 2 ** runs, NEVER);
    }
  }
}
