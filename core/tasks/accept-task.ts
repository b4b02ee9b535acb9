import type { StoreParts } from "../deps.ts";
import type { TaskBody } from "../model/task-inputs.ts";
import type { User } from "../ports/user-store.ts";
import type { QueueLimits } from "../queue/admission-control.ts";
import { checkPriority } from "./check-priority.ts";
import { completeRequest, type CompleteDeps, type SentBy } from "./complete-request.ts";
import {
  createTask,
  findReplay,
  type CreateDeps,
  type CreatedTask,
  type CreateTaskInput,
} from "./create-task.ts";
import { closeUploadForms } from "./upload-limits.ts";
import { readSources, type SourceDeps } from "./read-sources.ts";

export type AcceptInput = SentBy &
  Omit<CreateTaskInput, "request" | "sources"> & {
    readonly role: User["role"];
    readonly body: TaskBody;
  };

export type AcceptDeps = CreateDeps &
  CompleteDeps &
  SourceDeps &
  StoreParts<"tasks"> & { readonly limits: QueueLimits };

/**
 * The whole way of a create, whoever brings it: replay, checks that need the catalogues, limits, sources, the
 * transaction. Throws FORBIDDEN, VALIDATION_FAILED, QUEUE_FULL, TOO_MANY_TASKS and what `createTask` throws.
 */
export async function acceptTask(deps: AcceptDeps, input: AcceptInput): Promise<CreatedTask> {
  const { userId, idempotency } = input;
  checkPriority(input.priority, input.role);
  const replay = idempotency === null ? null : await findReplay(deps, userId, idempotency);
  if (replay !== null) return replay;
  const complete = await completeRequest(deps, input.body, input);
  return createWithin(deps, userId, async () => {
    const read = await readSources(deps, complete, input);
    const created = await createTask(deps, { ...input, ...read });
    if (!created.replayed) void closeUploadForms(deps, userId, read.sources);
    return created;
  });
}

/** The create, if there is a place for it; one that comes to nothing gives its place back. */
async function createWithin(
  { limits }: Pick<AcceptDeps, "limits">,
  userId: string,
  work: () => Promise<CreatedTask>,
): Promise<CreatedTask> {
  const leave = await limits.admit(userId);
  try {
    const created = await work();
    leave(!created.replayed);
    return created;
  } catch (error) {
    leave(false);
    throw error;
  }
}
