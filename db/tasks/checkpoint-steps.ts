import { sql } from "kysely";
import type { Claim, PaidCallWrite, StepWrite, TaskStore } from "../../core/ports/task-store.ts";
import { tasksById, type Db, type Tx } from "../connection/db.ts";
import { transaction } from "../connection/transaction.ts";
import { versionAfter } from "./read-tasks.ts";

type CheckpointMethods = Pick<TaskStore, "markPaidCalls" | "clearPaidCalls" | "checkpoint">;

/** What the holder of a claim may write. Each write carries the fencing token; 0 rows mean that the task is another's. */
export function createCheckpointMethods(db: Db): CheckpointMethods {
  return {
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
  };
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
    return versionAfter(tx, taskId);
  });
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
