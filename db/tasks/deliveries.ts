import { newId } from "../../core/model/ids.ts";
import type { TerminalStatus } from "../../core/model/task.ts";
import type { Db, Tx } from "../connection/db.ts";
import type { TaskRow } from "../schema.ts";

/**
 * Notes that a task's end is to be sent, under an id that every try of sending keeps. Call it within the transaction
 * that ends the task: the row stands when the end does. A task that nobody wants to hear of leaves none.
 */
export async function insertDelivery(
  db: Db,
  tx: Tx,
  { id: taskId, userId, webhookUrl }: Pick<TaskRow, "id" | "userId" | "webhookUrl">,
  status: TerminalStatus,
): Promise<void> {
  if (webhookUrl === null) return;
  await tx
    .insertInto("deliveries")
    .values({
      id: newId("whk", db.clock.nowMs(), db.random),
      taskId,
      userId,
      url: webhookUrl,
      type: `task.${status}`,
      state: "pending",
      attempts: 0,
      nextAt: db.now,
      createdAt: db.now,
    })
    .execute();
}
