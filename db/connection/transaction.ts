import { retry } from "../../core/resilience/retry.ts";
import { asUnavailable, isWorthRerunning } from "./database-errors.ts";
import type { Db, Tx } from "./db.ts";

/** A transaction is run at most this often, and never again after this time. */
const RERUNS = { runsMax: 5, limitMs: 10_000, baseMs: 20, isWorthIt: isWorthRerunning };

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

async function rerunning<T>(deps: Pick<Db, "clock" | "random">, run: () => Promise<T>): Promise<T> {
  try {
    return await retry(deps, RERUNS, run);
  } catch (error) {
    throw isWorthRerunning(error) ? asUnavailable(error, "no") : error;
  }
}
