import type { Context } from "hono";
import { afterSnapshot } from "../core/model/task-events.ts";
import { isTerminal } from "../core/model/task.ts";
import type { ApiDeps, ApiEnv } from "./context.ts";
import { presentTask } from "./present-task.ts";
import { waitForNotification } from "./wait-for-notification.ts";

/** WeChat cuts requests at 60 s. */
const WAIT_MAX_S = 55;
const POLL_MS = 2_000;

/** How long `Prefer: wait=20` waits; null for another preference. */
export function preferredWaitS(header: string | undefined): number | null {
  const preferred = /(?:^|[\s,;])wait=(\d{1,4})(?:$|[\s,;])/.exec(header ?? "")?.[1];
  return preferred === undefined ? null : Math.min(Number(preferred), WAIT_MAX_S);
}

/** The finished task when it ends in time, else null. */
export async function waitForEnd(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  { taskId, waitS }: { readonly taskId: string; readonly waitS: number },
): Promise<Response | null> {
  c.header("Preference-Applied", `wait=${waitS}`);
  const endsMs = deps.clock.monotonicMs() + waitS * 1000;
  const gone = c.req.raw.signal;
  for (;;) {
    const seen = await deps.store.tasks.findVersion(taskId);
    if (seen === null || gone.aborted) return null;
    if (isTerminal(seen.status)) break;
    const leftMs = endsMs - deps.clock.monotonicMs();
    if (leftMs <= 0) return null;
    const turn = AbortSignal.timeout(Math.min(leftMs, POLL_MS));
    const cursor = afterSnapshot(seen.version);
    await waitForNotification(deps, { taskId, cursor }, AbortSignal.any([turn, gone]));
  }
  const task = await deps.store.tasks.find(taskId);
  if (task === null) return null;
  return c.json(presentTask(task, { objects: deps.objects, nowMs: deps.clock.nowMs() }), 200, {
    location: `/api/v1/ai-generation/tasks/${taskId}`,
  });
}
