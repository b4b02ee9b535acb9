import type { SweepFindings } from "../../core/ports/queue-store.ts";
import { STORE_LIMITS } from "../../core/ports/store-types.ts";
import type { Job } from "../../core/ports/task-queue.ts";
import type { Db, Tx } from "../connection/db.ts";
import { risenPriority } from "./fair-queue-keys.ts";
import { statement, transaction } from "../connection/transaction.ts";

/** The row by which an operator pauses the whole queue. */
export const QUEUE_PAUSE = "pause:queue";
export const VIRTUAL_TIME = "virtualTime";

/** See `QueueStore.dispatch`. */
export async function dispatchTasks(db: Db, windowSize: number): Promise<Job[]> {
  return transaction(db, async (tx) => {
    const settings = await tx
      .selectFrom("settings")
      .selectAll()
      .where("name", "in", [QUEUE_PAUSE, VIRTUAL_TIME])
      .execute();
    if (settings.some(({ name, textValue }) => name === QUEUE_PAUSE && textValue)) return [];
    const virtualTime = settings.find(({ name }) => name === VIRTUAL_TIME)?.numberValue ?? 0;
    const sent = await tx
      .selectFrom("tasks")
      .select("id")
      .where("status", "=", "queued")
      .where("dispatch", "=", "sent")
      .limit(windowSize)
      .execute();
    if (sent.length >= windowSize) return [];
    const next = await tx
      .selectFrom("tasks")
      .select(["id", "priority", "dispatchNo", "sortKey"])
      .where("status", "=", "queued")
      .where("dispatch", "=", "ready")
      .where("availableAt", "<=", db.now)
      .orderBy("sortKey")
      .limit(windowSize - sent.length)
      .execute();
    const numbers = await takeReady(db, tx, next);
    return next.flatMap((task) => {
      const dispatchNo = numbers.get(task.id);
      return dispatchNo === undefined ? [] : [jobNow({ ...task, dispatchNo }, virtualTime)];
    });
  });
}

/** Marks those that are still ready, and gives their new dispatch numbers. */
async function takeReady(
  db: Db,
  tx: Tx,
  next: readonly { readonly id: string }[],
): Promise<ReadonlyMap<string, number>> {
  if (next.length === 0) return new Map();
  const ids = next.map(({ id }) => id);
  const locked = await db.dialect
    .forUpdate(
      tx
        .selectFrom("tasks")
        .select(["id", "dispatchNo"])
        .where("id", "in", ids)
        .where("status", "=", "queued")
        .where("dispatch", "=", "ready")
        .orderBy("id"),
    )
    .execute();
  if (locked.length === 0) return new Map();
  const numbers = new Map(locked.map(({ id, dispatchNo }) => [id, dispatchNo + 1]));
  await tx
    .updateTable("tasks")
    .set((eb) => ({ dispatch: "sent", dispatchNo: eb("dispatchNo", "+", 1), sentAt: db.now }))
    .where("id", "in", [...numbers.keys()])
    .execute();
  return numbers;
}

/** See `QueueStore.sweep`. */
export async function sweepTasks(db: Db, limit: number): Promise<SweepFindings> {
  const { kysely, now } = db;
  const expired = await kysely
    .selectFrom("tasks")
    .select("id")
    .where("status", "in", ["queued", "running"])
    .where("expiresAt", "<=", now)
    .limit(limit)
    .execute();
  return {
    expired: expired.map(({ id }) => id),
    stranded: await findStranded(db, limit),
    abandoned: await sendAbandoned(db, limit),
  };
}

/** Tasks that were sent and not taken: the same jobs again, and a task that has risen meanwhile a higher one. */
async function findStranded({ kysely, now }: Db, limit: number): Promise<Job[]> {
  const tasks = await kysely
    .selectFrom("tasks")
    .select(["id", "priority", "dispatchNo", "sortKey"])
    .select((eb) =>
      eb
        .selectFrom("settings")
        .select("numberValue")
        .where("name", "=", VIRTUAL_TIME)
        .as("virtualTime"),
    )
    .where("status", "=", "queued")
    .where("dispatch", "=", "sent")
    .where((eb) => eb("sentAt", "<", eb(now, "-", STORE_LIMITS.strandedAfterMs)))
    .limit(limit)
    .execute();
  return tasks.map((task) => jobNow(task, task.virtualTime ?? 0));
}

/** Running tasks whose lease ran out get a new job; the claim decides who takes them over. */
async function sendAbandoned(db: Db, limit: number): Promise<Job[]> {
  const { kysely, now } = db;
  const tasks = await kysely
    .selectFrom("tasks")
    .select(["id", "priority", "dispatchNo", "fence"])
    .where("status", "=", "running")
    .where("leaseUntil", "<", now)
    .where((eb) => eb("sentAt", "<", eb(now, "-", STORE_LIMITS.strandedAfterMs)))
    .limit(limit)
    .execute();
  const jobs: Job[] = [];
  for (const task of tasks) {
    const { numUpdatedRows } = await statement(db, () =>
      kysely
        .updateTable("tasks")
        .set({ dispatchNo: task.dispatchNo + 1, sentAt: db.now })
        .where("id", "=", task.id)
        .where("status", "=", "running")
        .where("fence", "=", task.fence)
        .where("dispatchNo", "=", task.dispatchNo)
        .executeTakeFirst(),
    );
    if (numUpdatedRows === 1n) jobs.push(jobOf(task, task.dispatchNo + 1));
  }
  return jobs;
}

function jobOf(task: { id: string; priority: string }, dispatchNo: number): Job {
  return {
    id: `${task.id}-${dispatchNo}`,
    taskId: task.id,
    priority: task.priority as Job["priority"],
  };
}

type Sending = {
  readonly id: string;
  readonly priority: string;
  readonly dispatchNo: number;
  readonly sortKey: number;
};

/** A job at the priority that its task has risen to. */
function jobNow(task: Sending, virtualTime: number): Job {
  const job = jobOf(task, task.dispatchNo);
  const priority = risenPriority(task.sortKey, job.priority, virtualTime);
  // An id of its own: under its old one the queue would keep it where it is.
  return priority === job.priority ? job : { ...job, id: `${job.id}-${priority}`, priority };
}
