import type { Context } from "hono";
import type { TaskBody } from "../core/model/task-inputs.ts";
import type { Priority, Task } from "../core/model/task.ts";
import type { QueueLimits } from "../core/queue/admission-control.ts";
import { acceptTask, type AcceptInput } from "../core/tasks/accept-task.ts";
import type { CreatedTask } from "../core/tasks/create-task.ts";
import type { ApiDeps, ApiEnv } from "./context.ts";
import { hashBody, parseIdempotencyKey } from "./idempotency.ts";
import type { OpenStreams } from "./open-streams.ts";
import { parseBody } from "./body/parse-body.ts";
import { presentTask } from "./present-task.ts";
import { preferredWaitS, waitForEnd } from "./wait-for-end.ts";

/** What a route has read. */
type SentTask = {
  readonly body: TaskBody;
  /** Where the body's `input` stands: "" or "/input". */
  readonly at: string;
  readonly priority: Priority;
  readonly metadata: Readonly<Record<string, string>>;
  readonly webhookUrl?: string | undefined;
};

type AnswerDeps = ApiDeps & { readonly limits: QueueLimits; readonly streams: OpenStreams };

/** Accepts a task and answers with it: 202 as it was created, or 200 when it ended while the client waited. */
export async function answerCreate(
  c: Context<ApiEnv>,
  deps: AnswerDeps,
  sent: SentTask,
): Promise<Response> {
  const waitS = preferredWaitS(c.req.header("prefer"));
  // Counted before anything is created: who is refused has no task.
  const leave = waitS === null ? null : deps.streams.enter(c.get("actor").userId);
  try {
    return await createAndWait(c, deps, { sent, waitS });
  } finally {
    leave?.();
  }
}

async function createAndWait(
  c: Context<ApiEnv>,
  deps: AnswerDeps,
  { sent, waitS }: { readonly sent: SentTask; readonly waitS: number | null },
): Promise<Response> {
  const created = await acceptTask(deps, {
    ...sent,
    ...c.get("actor"),
    webhookUrl: sent.webhookUrl ?? null,
    idempotency: await idempotencyOf(c),
    // Without a place in the queue: the answer is kept and given again, when the place has long been another.
    render: (task: Task) =>
      JSON.stringify(presentTask(task, { objects: deps.objects, nowMs: task.createdAtMs })),
  });
  if (!created.replayed && waitS !== null) {
    const done = await waitForEnd(c, deps, { taskId: created.taskId, waitS });
    if (done !== null) return done;
  }
  return answer(c, created);
}

async function idempotencyOf(c: Context<ApiEnv>): Promise<AcceptInput["idempotency"]> {
  const key = parseIdempotencyKey(c.req.header("idempotency-key"));
  if (key === null) return null;
  return { route: c.req.path, key, bodyHash: hashBody(parseBody(c.get("body"))) };
}

function answer(c: Context<ApiEnv>, { response, taskId, replayed }: CreatedTask): Response {
  return c.body(response, 202, {
    "content-type": "application/json",
    location: `/api/v1/ai-generation/tasks/${taskId}`,
    "retry-after": "2",
    ...(replayed ? { "idempotent-replayed": "true" } : {}),
  });
}
