import { sql } from "kysely";
import type { Claim, RequeueWrite, TaskStore } from "../../core/ports/task-store.ts";
import type { Task } from "../../core/model/task.ts";
import { QUEUE_PAUSE, VIRTUAL_TIME } from "./dispatch-tasks.ts";
import { tasksById, type Db } from "../connection/db.ts";
import { KEYS_PER_CREDIT, servedKeyOf } from "./fair-queue-keys.ts";
import { versionAfter, withParts } from "./read-tasks.ts";
import { statement, transaction } from "../connection/transaction.ts";

type ClaimMethods = Pick<TaskStore, "claim" | "renewLeases" | "requeue">;

/**
 * How far the virtual time may stay behind what a process has claimed. The shorter, the sooner a low task's time comes:
 * of customers who bring one task each, all that come within it get the same key.
 */
const LAG_MS = 250;
const LAG_KEYS = 500 * KEYS_PER_CREDIT;

/** Taking a task, keeping it, and giving it back: what decides which worker has it. */
export function createClaimMethods(db: Db): ClaimMethods {
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
    return numAffectedRows === 1n ? versionAfter(tx, taskId) : null;
  });
}
