import type { Deps, StoreParts } from "../deps.ts";
import { dispatch } from "../tasks/dispatch.ts";
import { newId } from "../model/ids.ts";
import { withTimeout } from "../resilience/with-timeout.ts";

type PauseDeps = StoreParts<"queue"> &
  Pick<Deps, "queue" | "clock" | "random" | "log" | "settings" | "failpoint">;
/** The subject of these acts in the audit. */
const SUBJECT = "queue";
/** A job that is not added now is added by the next round of a worker. */
const SIGNAL_PATIENCE_MS = 500;

/**
 * From now on nothing is taken from the queue, by any process. Tasks are accepted all the same, what runs goes on, and
 * deadlines do not stand still.
 */
export async function pauseQueue(
  deps: Pick<PauseDeps, "store" | "clock" | "random" | "log">,
  { actor, reason }: { readonly actor: string; readonly reason: string },
): Promise<void> {
  const id = newId("aud", deps.clock.nowMs(), deps.random);
  const act = { id, actor, action: "queue.pause", subject: SUBJECT, detail: { reason } };
  await deps.store.queue.setPause(reason, act);
  deps.log.success("queue paused", { actor, reason });
}

/** The queue goes on; false when it was not paused. */
export async function resumeQueue(
  deps: PauseDeps,
  { actor }: { readonly actor: string },
): Promise<boolean> {
  const id = newId("aud", deps.clock.nowMs(), deps.random);
  const act = { id, actor, action: "queue.resume", subject: SUBJECT, detail: {} };
  const resumed = await deps.store.queue.setPause(null, act);
  if (!resumed) return false;
  deps.log.success("queue resumed", { actor });
  const woken = dispatch(deps).catch((error: unknown) => {
    deps.log.failure("tasks not dispatched; the worker will", error);
  });
  await withTimeout(deps.clock, SIGNAL_PATIENCE_MS, woken, () => undefined);
  return true;
}
