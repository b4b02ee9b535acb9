import type { Deps, StoreParts } from "../deps.ts";
import type { SettleRequest } from "../ports/task-store.ts";
import { publish } from "./publish-events.ts";
import type { Settlement } from "../model/settlement.ts";

/** The one way a task ends. Null when it had ended already or belongs to another worker by now. */
export async function settleTask(
  deps: StoreParts<"tasks"> & Pick<Deps, "events" | "log" | "failpoint">,
  request: SettleRequest,
): Promise<Settlement | null> {
  deps.failpoint("settle: before the transaction");
  const settled = await deps.store.tasks.settle(request);
  if (settled === null) return null;
  deps.failpoint("settle: committed, not published");
  const { status, postedCredits, releasedCredits, version } = settled;
  const error = status === "succeeded" ? null : request.error;
  await publish(deps, request.taskId, version, [
    { type: `task.${status}`, postedCredits, releasedCredits, error },
  ]);
  deps.failpoint("settle: published");
  const fields = {
    task: request.taskId,
    status,
    postedCredits,
    releasedCredits,
    code: error?.code,
  };
  if (status === "failed") deps.log.failure("task failed", null, fields);
  else deps.log.success(`task ${status}`, fields);
  return settled;
}
