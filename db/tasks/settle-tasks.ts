import { sql } from "kysely";
import { newId } from "../../core/model/ids.ts";
import type { SettleRequest } from "../../core/ports/task-store.ts";
import { settlementOf, type Settlement } from "../../core/model/settlement.ts";
import type { Task } from "../../core/model/task.ts";
import { insertDelivery } from "./deliveries.ts";
import { tasksById, type Db, type Tx } from "../connection/db.ts";
import { withParts } from "./read-tasks.ts";
import { availableOf, heldOf, REVENUE } from "../rows.ts";
import type { TaskRow, TransferRow } from "../schema.ts";
import { transaction } from "../connection/transaction.ts";

/**
 * The terminal transition: the only way to an end. The conditional update comes first and takes the row: whoever gets 0
 * rows came too late. Resolution, transfers and delivery follow in the same transaction; their keys make a second
 * settle fail.
 */
export async function settleTask(db: Db, request: SettleRequest): Promise<Settled | null> {
  return transaction(db, (tx) => settle(db, tx, request));
}

type Settled = Settlement & { readonly version: number };

async function settle(db: Db, tx: Tx, request: SettleRequest): Promise<Settled | null> {
  const { taskId, ending } = request;
  const conditions = [sql`id = ${taskId}`, sql`status in ('queued', 'running')`];
  if (request.fence !== null) conditions.push(sql`fence = ${request.fence} and status = 'running'`);
  if (ending === "expired") conditions.push(sql`expiresAt <= ${db.now}`);
  const transition = await sql`
    update ${tasksById(db)} set fence = fence + 1, version = version + 1, dispatch = 'done', leaseUntil = 0,
      finishedAt = ${db.now}
    where ${sql.join(conditions, sql` and `)}`.execute(tx);
  if (transition.numAffectedRows !== 1n) return null;

  const row = await tx
    .selectFrom("tasks")
    .selectAll()
    .where("id", "=", taskId)
    .executeTakeFirstOrThrow();
  const [task] = await withParts(tx, [row]);
  if (task === undefined) throw new Error(`task ${taskId} vanished while it was settled`);
  const settlement = settlementOf(task, ending);
  const error = settlement.status === "succeeded" ? null : request.error;
  await tx
    .updateTable("tasks")
    .set({ status: settlement.status, error: error === null ? null : JSON.stringify(error) })
    .where("id", "=", taskId)
    .execute();
  await moveCredits(db, tx, task, { row, settlement, actor: request.actor });
  await insertDelivery(db, tx, row, settlement.status);
  return { ...settlement, version: task.version };
}

type Movement = { readonly row: TaskRow; readonly settlement: Settlement; readonly actor: string };

async function moveCredits(
  db: Db,
  tx: Tx,
  task: Task,
  { row, settlement, actor }: Movement,
): Promise<void> {
  const { postedCredits, releasedCredits } = settlement;
  const unserved = settlement.status === "canceled" && task.startedAtMs === null;
  const share = unserved ? row.shareKey : 0;
  await tx
    .updateTable("accounts")
    .set((eb) => ({
      held: eb("held", "-", task.heldCredits),
      available: eb("available", "+", releasedCredits),
      lastKey: eb("lastKey", "-", share),
    }))
    .where("id", "=", task.userId)
    .execute();
  await tx
    .insertInto("resolutions")
    .values({
      taskId: task.id,
      fence: task.fence,
      amount: task.heldCredits,
      posted: postedCredits,
      released: releasedCredits,
      createdAt: db.now,
      version: task.version,
    })
    .execute();
  const held = heldOf(task.userId);
  const base = { taskId: task.id, debit: held, reason: `task ${settlement.status}`, actor };
  const moves: { kind: TransferRow["kind"]; credit: string; amount: number }[] = [
    { kind: "post", credit: REVENUE, amount: postedCredits },
    { kind: "release", credit: availableOf(task.userId), amount: releasedCredits },
  ];
  const rows = moves
    .filter(({ amount }) => amount > 0)
    .map((move) => ({
      ...base,
      ...move,
      id: newId("trf", db.clock.nowMs(), db.random),
      createdAt: db.now,
      uniqueKey: `${task.id}:${move.kind}`,
    }));
  if (rows.length > 0) await tx.insertInto("transfers").values(rows).execute();
}
