import { STORE_LIMITS } from "../core/ports/store-types.ts";
import { newTask } from "../core/ports/contracts/store.fixture.ts";
import type { Priority } from "../core/model/task.ts";
import { createStore } from "../db/store.ts";
import type { Fleet } from "./fleet.ts";
import { until } from "./until.ts";

type QueuedTask = { readonly userId: string; readonly priority?: Priority; readonly held?: number };

/** What a task of `queueTasks` costs when nothing else is said: one photo, one prompt, two pictures. */
export const TASK_CREDITS = 22;

/**
 * Many tasks at once, put into the database as the api does it (which takes 600 requests a minute of one customer),
 * and left to the workers' schedules to be sent. Gives their ids.
 */
export async function queueTasks(
  { db }: Pick<Fleet, "db">,
  tasks: readonly QueuedTask[],
): Promise<string[]> {
  const store = createStore(db);
  const creates = tasks.map((task) => newTask({ held: TASK_CREDITS, ...task }));
  for (let at = 0; at < creates.length; at += STORE_LIMITS.createsPerBatchMax) {
    const batch = creates.slice(at, at + STORE_LIMITS.createsPerBatchMax);
    const outcomes = await store.tasks.create(batch, 0);
    const refused = outcomes.find(({ kind }) => kind !== "created");
    if (refused !== undefined) throw new Error(`a task was not created: ${refused.kind}`);
  }
  return creates.map(({ task }) => task.id);
}

/** Tasks in the order in which they were started first. */
export async function startedTasks({ db }: Pick<Fleet, "db">) {
  const rows = await db.kysely
    .selectFrom("tasks")
    .select(["id", "userId", "priority", "createdAt", "startedAt"])
    .where("startedAt", "is not", null)
    .orderBy("startedAt")
    .execute();
  return rows.map((row) => ({ ...row, startedAt: row.startedAt ?? 0 }));
}

/** Waits until no task is live. */
export async function untilIdle({ db }: Pick<Fleet, "db">, limitMs: number): Promise<void> {
  await until(async () => {
    const live = await db.kysely
      .selectFrom("tasks")
      .select("id")
      .where("status", "in", ["queued", "running"])
      .limit(1)
      .execute();
    return live.length === 0;
  }, limitMs);
}
