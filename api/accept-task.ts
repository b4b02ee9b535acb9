import type { Context } from "hono";
import {
  createTask,
  findReplay,
  type CreatedTask,
  type CreateTaskInput,
} from "../core/tasks/create-task.ts";
import type { QueueLimits } from "../core/queue/admission-control.ts";
import { DrapeError } from "../core/model/errors.ts";
import type { Priority } from "../core/model/task.ts";
import { completeRequest } from "./complete-request.ts";
import type { Actor, ApiDeps, ApiEnv } from "./context.ts";
import { hashBody, parseIdempotencyKey } from "./idempotency.ts";
import { presentTask } from "./present-task.ts";
import { readSources } from "./read-sources.ts";
import type { TaskBody } from "./routes/task-bodies.schema.ts";
import { waitForEnd } from "./wait-for-end.ts";

type CreateRequest = {
  readonly body: TaskBody;
  /** Where the body's `input` stands: "" or "/input". */
  readonly at: string;
  readonly priority: Priority;
  readonly metadata: Readonly<Record<string, string>>;
  readonly webhookUrl?: string | undefined;
};

type AcceptDeps = ApiDeps & { readonly limits: QueueLimits };

/** The whole way of a create: replay, checks that need the catalogues, limits, the transaction, the answer. */
export async function acceptTask(
  c: Context<ApiEnv>,
  deps: AcceptDeps,
  request: CreateRequest,
): Promise<Response> {
  const { userId, role } = c.get("actor");
  checkPriority(request.priority, { role });
  const idempotency = await idempotencyOf(c);
  const replay = idempotency === null ? null : await findReplay(deps, userId, idempotency);
  if (replay !== null) return answer(c, replay);
  const place = { at: request.at, userId };
  const complete = await completeRequest(deps, request.body, place);
  const created = await createWithin(deps, userId, async () => {
    const read = await readSources(deps, complete, place);
    return create(deps, { ...read, ...request, userId, idempotency });
  });
  if (!created.replayed) {
    const done = await waitForEnd(c, deps, created.taskId);
    if (done !== null) return done;
  }
  return answer(c, created);
}

/** Throws FORBIDDEN for a priority that this actor may not give. */
export function checkPriority(priority: Priority, { role }: Pick<Actor, "role">): void {
  if (priority !== "high" || role === "admin") return;
  throw new DrapeError("FORBIDDEN", "Priority high is for administrators: use normal or low.");
}

/** The create, if there is a place for it; one that comes to nothing gives its place back. */
async function createWithin(
  deps: AcceptDeps,
  userId: string,
  work: () => Promise<CreatedTask>,
): Promise<CreatedTask> {
  const leave = await deps.limits.admit(userId);
  try {
    const created = await work();
    leave(!created.replayed);
    return created;
  } catch (error) {
    leave(false);
    throw error;
  }
}

type Creating = CreateRequest & Omit<CreateTaskInput, "render" | "webhookUrl">;

function create(deps: AcceptDeps, creating: Creating): Promise<CreatedTask> {
  const { userId, request, sources, priority, metadata, webhookUrl, idempotency } = creating;
  return createTask(deps, {
    userId,
    request,
    sources,
    priority,
    metadata,
    webhookUrl: webhookUrl ?? null,
    idempotency,
    // Without a place in the queue: the answer is kept and given again, when the place has long been another.
    render: (task) =>
      JSON.stringify(presentTask(task, { objects: deps.objects, nowMs: task.createdAtMs })),
  });
}

async function idempotencyOf(c: Context<ApiEnv>): Promise<CreateTaskInput["idempotency"]> {
  const key = parseIdempotencyKey(c.req.header("idempotency-key"));
  if (key === null) return null;
  return { route: c.req.path, key, bodyHash: hashBody(await c.req.json()) };
}

function answer(c: Context<ApiEnv>, { response, taskId, replayed }: CreatedTask): Response {
  return c.body(response, 202, {
    "content-type": "application/json",
    location: `/api/v1/ai-generation/tasks/${taskId}`,
    "retry-after": "2",
    ...(replayed ? { "idempotent-replayed": "true" } : {}),
  });
}
