import type { Deps, StoreParts } from "../deps.ts";
import type { Job } from "../ports/task-queue.ts";
import { settleTask } from "./settle-task.ts";

type DispatchDeps = StoreParts<"queue"> & Pick<Deps, "queue" | "log" | "settings" | "failpoint">;
type SweepDeps = StoreParts<"queue" | "tasks"> &
  Pick<Deps, "queue" | "events" | "log" | "failpoint">;

/** Sends the next tasks to the queue while its window has room. Gives how many. */
export async function dispatch(deps: DispatchDeps): Promise<number> {
  const jobs = await deps.store.queue.dispatch(deps.settings.limits.dispatchWindow);
  if (jobs.length > 0) deps.failpoint("dispatch: marked, not added");
  await addJobs(deps, jobs);
  if (jobs.length > 0) deps.failpoint("dispatch: added");
  return jobs.length;
}

/**
 * Adds jobs to the queue. Not atomic with the database and allowed to fail: a task that is marked as sent and is
 * not taken is sent again by the sweep under the same id.
 */
export async function addJobs(
  deps: Pick<Deps, "queue" | "log">,
  jobs: readonly Job[],
): Promise<void> {
  if (jobs.length === 0) return;
  try {
    await deps.queue.add(jobs);
  } catch (error) {
    deps.log.failure("jobs not added; the sweep will", error, { jobs: jobs.length });
  }
}

const SWEEP_LIMIT = 200;

/** Repairs what crashes and lost messages left behind; any number of processes may run it at once. */
export async function sweep(deps: SweepDeps): Promise<void> {
  const { abandoned, stranded, expired } = await deps.store.queue.sweep(SWEEP_LIMIT);
  const found = abandoned.length + stranded.length + expired.length;
  if (found === 0) return;
  deps.failpoint("sweep: found, not repaired");
  await addJobs(deps, [...abandoned, ...stranded]);
  for (const taskId of expired) {
    await settleTask(deps, {
      taskId,
      fence: null,
      ending: "expired",
      error: {
        code: "TASK_EXPIRED",
        message:
          "The task was not done before its deadline. What was not delivered is not charged.",
        retryable: true,
      },
      actor: "system",
    });
  }
  deps.failpoint("sweep: repaired");
  deps.log.info("swept", {
    abandoned: abandoned.length,
    stranded: stranded.length,
    expired: expired.length,
  });
}
