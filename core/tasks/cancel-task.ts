import type { Deps, StoreParts } from "../deps.ts";
import { DrapeError } from "../model/errors.ts";
import { settleTask } from "./settle-task.ts";
import { isTerminal, type Task } from "../model/task.ts";

/**
 * Cancels a task of this customer, in one transaction: `canceled: true` means it is done and nothing more will be
 * charged. False: it had ended another way. Asking again gives the same answer. Throws NOT_FOUND.
 */
export async function cancelTask(
  deps: StoreParts<"tasks"> & Pick<Deps, "events" | "log" | "failpoint">,
  { userId, taskId }: { readonly userId: string; readonly taskId: string },
): Promise<{ canceled: boolean; task: Task }> {
  const before = await ownTask(deps, userId, taskId);
  if (!isTerminal(before.status)) {
    await settleTask(deps, {
      taskId,
      fence: null,
      ending: "canceled",
      error: {
        code: "TASK_CANCELED",
        message: "The task was canceled. What was not delivered is not charged.",
        retryable: false,
      },
      actor: userId,
    });
    deps.failpoint("cancel: committed, not answered");
  }
  const task = await ownTask(deps, userId, taskId);
  return { canceled: task.status === "canceled", task };
}

/** A task of this customer; another's is as absent as one that never was. */
export async function ownTask(
  deps: StoreParts<"tasks">,
  userId: string,
  taskId: string,
): Promise<Task> {
  const task = await deps.store.tasks.find(taskId);
  if (task === null || task.userId !== userId) {
    throw new DrapeError("NOT_FOUND", "There is no such task of yours.");
  }
  return task;
}
