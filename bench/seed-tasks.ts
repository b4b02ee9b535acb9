import { newCustomer, newTask } from "../core/ports/contracts/store.fixture.ts";
import type { TestStore } from "../db/store.fixture.ts";

type Scale = { readonly tasks: number; readonly own: number };
const OTHERS = 1_000;
const ROWS_PER_INSERT = 500;
/** Of each hundred tasks: most have ended, a few wait. */
const WAITING_PERCENT = 10;

/**
 * Fills the table with tasks of many customers, spread over time, and gives the customer who has `own` of them. Rows
 * alone, without their transfers: for measuring queries, not for the ledger.
 */
export async function seedTasks({ db, store }: TestStore, { tasks, own }: Scale): Promise<string> {
  const userId = await newCustomer(store, 0);
  const others = Array.from({ length: OTHERS }, (_, n) => `usr_other_${n}`);
  const every = Math.floor(tasks / own);
  for (let at = 0; at < tasks; at += ROWS_PER_INSERT) {
    const count = Math.min(ROWS_PER_INSERT, tasks - at);
    const rows = Array.from({ length: count }, (_, n) => {
      const nth = at + n;
      const owner = nth % every === 0 ? userId : (others[nth % OTHERS] ?? userId);
      return row(nth, owner);
    });
    await db.kysely.insertInto("tasks").values(rows).execute();
  }
  if (db.dialect.name === "mysql") {
    const { sql } = await import("kysely");
    await sql`analyze table tasks`.execute(db.kysely);
  }
  return userId;
}

function row(nth: number, userId: string) {
  const { task } = newTask({ userId, held: 12 });
  const waiting = nth % 100 < WAITING_PERCENT;
  const createdAt = 1_700_000_000_000 + nth * 10;
  return {
    id: task.id,
    userId,
    type: task.type,
    status: waiting ? "queued" : "succeeded",
    priority: task.priority,
    input: JSON.stringify(task.input),
    sources: JSON.stringify(task.sources),
    prices: JSON.stringify(task.prices),
    metadata: "{}",
    error: null,
    heldCredits: task.heldCredits,
    fence: waiting ? 0 : 2,
    version: waiting ? 1 : 9,
    attempts: 0,
    crashes: 0,
    workerId: null,
    leaseUntil: 0,
    dispatch: waiting ? "ready" : "done",
    dispatchNo: waiting ? 0 : 1,
    sentAt: 0,
    sortKey: nth,
    shareKey: 12_000,
    availableAt: createdAt,
    expiresAt: waiting ? Date.now() + 86_400_000 : createdAt + 7_200_000,
    createdAt,
    startedAt: null,
    finishedAt: waiting ? null : createdAt + 9_000,
  };
}
