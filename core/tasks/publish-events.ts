import type { Deps } from "../deps.ts";
import type { TaskEvent } from "../model/task-events.ts";

/**
 * Publishes a committed change to the clients. Not atomic with the commit and allowed to fail: the database is the
 * truth, and a reader that meets a gap takes a snapshot.
 */
export async function publish(
  deps: Pick<Deps, "events" | "log">,
  taskId: string,
  version: number,
  events: readonly TaskEvent[],
): Promise<void> {
  try {
    await deps.events.append(taskId, version, events);
  } catch (error) {
    deps.log.failure("events not published", error, { task: taskId, version });
  }
}
