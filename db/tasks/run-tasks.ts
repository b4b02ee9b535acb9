import { sql } from "kysely";
import type {
  PaidCallWrite,
  Claim,
  RequeueWrite,
  StepWrite,
  TaskStore,
} from "../../core/ports/task-store.ts";
import type { Task } from "../../core/model/task.ts";
import { QUEUE_PAUSE, VIRTUAL_TIME } from "./dispatch-tasks.ts";
import { tasksById, type Db, type Tx } from "../connection/db.ts";
import { KEYS_PER_CREDIT, servedKeyOf } from "./fair-queue-keys.ts";
import { withParts } from "./read-tasks.ts";
import { statement, transaction } from "../connection/transaction.ts";

type RunMethods = Pick<
  TaskStore,
  "claim" | "renewLeases" | "markPaidCalls" | "clearPaidCalls" | "checkpoint" | "requeue"
>;

/**
 * How far the virtual time may stay behind what a process has claimed. The shorter, the sooner a low task's time comes:
 * of customers who bring one task each, all that come within it get the same key.
 */
const LAG_MS = 250;
const LAG_KEYS = 500 * KEYS_PER_CREDIT;

/** What the holder of a lease may write. Each write carries the fence; 0 rows mean that the task is another's. */
export function createRunMethods(db: Db): RunMethods {
  const virtualTime = { servedKey: 0, raisedKey: 0, raisedMs: 0 };
  return {
    async claim(taskId, workerId, leaseMs) {
      const claimed = await claimTask(db, { taskId, workerId, leaseMs });
      if (claimed === null) return null;
      const { task, sortKey } = claimed;
      virtualTime.servedKey = Math.max(virtualTime.servedKey, servedKeyOf(sortKey, task.priority));
      const { servedKey, raisedKey, raisedMs } = virtualTime;
      const lag = servedKey - raisedKey;
      const nowMs = db.clock.monotonicMs();
      if (lag > LAG_KEYS || (lag > 0 && nowMs - raisedMs > LAG_MS)) {
        Object.assign(virtualTime, { raisedKey: servedKey, raisedMs: nowMs });
        await raiseVirtualTime(db, servedKey);
      }
      return task;
    },
    renewLeases: (claims, leaseMs) => renewLeases(db, claims, leaseMs),
    markPaidCalls: (claim, calls) =>
      withClaim(db, claim, (tx) => writePaidCalls(db, tx, claim, calls)),
    async clearPaidCalls(claim, steps, ran) {
      const version = await withClaim(
        db,
        claim,
        async (tx) => {
          for (const { step, index } of steps) {
            await tx
              .updateTable("steps")
              .set((eb) => ({
                askLimitMs: 0,
                asks: eb("asks", "-", ran === "no" ? 1 : 0),
                failures: eb("failures", "+", ran === "yes" ? 1 : 0),
              }))
              .where("taskId", "=", claim.taskId)
              .where("step", "=", step)
              .where("idx", "=", index)
              .where("state", "=", "asked")
              .where("askLimitMs", ">", 0)
              .execute();
          }
        },
        0,
      );
      return version !== null;
    },
    checkpoint: (claim, writes) => withClaim(db, claim, (tx) => writeSteps(db, tx, claim, writes)),
    requeue: (claim, write) => requeue(db, claim, write),
  };
}

type ClaimRequest = {
  readonly taskId: string;
  readonly workerId: string;
  readonly leaseMs: number;
};

async function claimTask(db: Db, { taskId, workerId, leaseMs }: ClaimRequest) {
  return transaction(db, async (tx) => {
    const { numAffectedRows } = await sql`
      update ${tasksById(db)} set
        crashes = crashes + (case when status = 'running' then 1 else 0 end),
        status = 'running', fence = fence + 1, version = version + 1,
        leaseUntil = ${db.now} + ${leaseMs}, workerId = ${workerId}, dispatch = 'sent',
        startedAt = coalesce(startedAt, ${db.now})
      where id = ${taskId} and expiresAt > ${db.now}
        and ((status = 'queued' and availableAt <= ${db.now}) or (status = 'running' and leaseUntil < ${db.now}))
        and not exists (select 1 from settings where name = ${QUEUE_PAUSE} and textValue is not null)
    `.execute(tx);
    if (numAffectedRows !== 1n) return null;
    const row = await tx
      .selectFrom("tasks")
      .selectAll()
      .where("id", "=", taskId)
      .executeTakeFirstOrThrow();
    const [task] = await withParts(tx, [row]);
    return task === undefined ? null : { task, sortKey: row.sortKey };
  });
}

async function raiseVirtualTime(db: Db, servedKey: number): Promise<void> {
  await statement(db, () =>
    db.kysely
      .updateTable("settings")
      .set({ numberValue: servedKey })
      .where("name", "=", VIRTUAL_TIME)
      .where("numberValue", "<", servedKey)
      .execute(),
  );
}

async function renewLeases(db: Db, claims: readonly Claim[], leaseMs: number): Promise<string[]> {
  if (claims.length === 0) return [];
  const ids = sql.join(claims.map(({ taskId }) => taskId));
  const fences = claims.map(({ taskId, fence }) => sql`(id = ${taskId} and fence = ${fence})`);
  const held = sql`id in (${ids}) and status = 'running' and (${sql.join(fences, sql` or `)})`;
  const tasks = tasksById(db);
  await statement(db, () =>
    sql`update ${tasks} set leaseUntil = ${db.now} + ${leaseMs} where ${held}`.execute(db.kysely),
  );
  const { rows } = await sql<{ id: string }>`select id from ${tasks} where ${held}`.execute(
    db.kysely,
  );
  return rows.map(({ id }) => id);
}

/**
 * Runs `write` under the fence: null when the task is no longer this holder's. Grows the version by `growth`, 1 for
 * what a client can see.
 */
async function withClaim(
  db: Db,
  { taskId, fence }: Claim,
  write: (tx: Tx) => Promise<void>,
  growth = 1,
): Promise<number | null> {
  return transaction(db, async (tx) => {
    const { numAffectedRows } = await sql`
      update ${tasksById(db)} set version = version + ${growth}
      where id = ${taskId} and fence = ${fence} and status = 'running'`.execute(tx);
    if (numAffectedRows !== 1n) return null;
    await write(tx);
    return versionOf(tx, taskId);
  });
}

async function versionOf(tx: Tx, taskId: string): Promise<number> {
  const { version } = await tx
    .selectFrom("tasks")
    .select("version")
    .where("id", "=", taskId)
    .executeTakeFirstOrThrow();
  return version;
}

async function writePaidCalls(
  db: Db,
  tx: Tx,
  claim: Claim,
  calls: readonly PaidCallWrite[],
): Promise<void> {
  for (const { step, index, askLimitMs } of calls) {
    await tx
      .insertInto("steps")
      .orIgnore()
      .values(emptyStep(claim, step, index))
      .execute();
    await tx
      .updateTable("steps")
      .set((eb) => ({
        // First: MySQL reads what stands to the left of an assignment as already assigned.
        unknowns: sql<number>`unknowns + (case when askLimitMs > 0 then 1 else 0 end)`,
        askedAt: db.now,
        askLimitMs,
        asks: eb("asks", "+", 1),
        fence: claim.fence,
      }))
      .where("taskId", "=", claim.taskId)
      .where("step", "=", step)
      .where("idx", "=", index)
      .where("state", "=", "asked")
      .execute();
  }
}

async function writeSteps(
  db: Db,
  tx: Tx,
  claim: Claim,
  writes: readonly StepWrite[],
): Promise<void> {
  for (const write of writes) {
    const { step, index, state, priceCredits, durationMs } = write;
    await tx
      .insertInto("steps")
      .orIgnore()
      .values(emptyStep(claim, step, index))
      .execute();
    const { numUpdatedRows } = await tx
      .updateTable("steps")
      .set({
        state,
        priceCredits,
        durationMs,
        fence: claim.fence,
        result: JSON.stringify(write.result),
        finishedAt: db.now,
      })
      .where("taskId", "=", claim.taskId)
      .where("step", "=", step)
      .where("idx", "=", index)
      .where("state", "=", "asked")
      .executeTakeFirst();
    if (numUpdatedRows === 1n && write.image !== undefined)
      await writeImage(db, tx, claim, write.image);
  }
}

async function writeImage(
  db: Db,
  tx: Tx,
  { taskId, fence }: Claim,
  image: NonNullable<StepWrite["image"]>,
): Promise<void> {
  const { id, index, key, ...facts } = image;
  const row = { ...facts, id, taskId, idx: index, objectKey: key, createdAt: db.now, fence };
  await tx.deleteFrom("images").where("id", "=", id).execute();
  await tx.insertInto("images").values(row).execute();
}

function emptyStep({ taskId, fence }: Claim, step: string, index: number) {
  return {
    taskId,
    step,
    idx: index,
    state: "asked",
    fence,
    askedAt: 0,
    askLimitMs: 0,
    asks: 0,
    unknowns: 0,
    failures: 0,
    priceCredits: 0,
    durationMs: 0,
    result: null,
    finishedAt: null,
  };
}

async function requeue(
  db: Db,
  { taskId, fence }: Claim,
  write: RequeueWrite,
): Promise<number | null> {
  return transaction(db, async (tx) => {
    const error: Task["error"] = write.error;
    const { numAffectedRows } = await sql`
      update ${tasksById(db)} set status = 'queued', dispatch = 'ready', leaseUntil = 0, workerId = null,
        availableAt = ${db.now} + ${write.delayMs}, attempts = attempts + ${write.spent ? 1 : 0},
        version = version + 1, error = ${error === null ? null : JSON.stringify(error)}
      where id = ${taskId} and fence = ${fence} and status = 'running'`.execute(tx);
    return numAffectedRows === 1n ? versionOf(tx, taskId) : null;
  });
}
