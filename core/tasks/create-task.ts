import type { Deps, StoreParts } from "../deps.ts";
import { addJobs } from "./dispatch.ts";
import { DrapeError } from "../model/errors.ts";
import { newId } from "../model/ids.ts";
import { priceOf } from "../model/pricing.ts";
import type { CreateOutcome, NewTask } from "../ports/task-store.ts";
import { publish } from "./publish-events.ts";
import { lifeMsOf } from "../model/task-settings.ts";
import type { ImageSource, Priority, Task, TaskFacts, TaskRequest } from "../model/task.ts";
import { withTimeout } from "../resilience/with-timeout.ts";

export type CreateTaskInput = {
  readonly userId: string;
  readonly request: TaskRequest;
  readonly sources: readonly ImageSource[];
  readonly priority: Priority;
  readonly metadata: Readonly<Record<string, string>>;
  /** Where the end of the task is sent. */
  readonly webhookUrl?: string | null;
  readonly idempotency: {
    readonly route: string;
    readonly key: string;
    readonly bodyHash: string;
  } | null;
  /** The answer to give for the new task; kept, to be given again to the same key. */
  readonly render: (task: Task) => string;
};

export type CreatedTask = {
  readonly response: string;
  readonly taskId: string;
  readonly replayed: boolean;
};

export type CreateDeps = Pick<
  Deps,
  "queue" | "events" | "clock" | "random" | "log" | "settings" | "failpoint"
> & {
  readonly createTask: (create: NewTask) => Promise<CreateOutcome>;
};

/** The task is accepted already: a Redis that is silent shall not keep the customer waiting. */
const SIGNAL_PATIENCE_MS = 200;

/**
 * Accepts a task: task, hold and idempotency row in one transaction, acknowledged only after its commit.
 * Throws INSUFFICIENT_CREDITS, ACCOUNT_FROZEN, IDEMPOTENCY_KEY_REUSED.
 */
export async function createTask(deps: CreateDeps, input: CreateTaskInput): Promise<CreatedTask> {
  const draft = draftOf(deps, input);
  deps.failpoint("create: before the transaction");
  const soon = (work: Promise<void>) =>
    withTimeout(deps.clock, SIGNAL_PATIENCE_MS, work, () => undefined);
  const outcome = await deps.createTask({
    task: {
      ...draft,
      lifeMs: lifeMsOf(deps.settings, draft.type),
      webhookUrl: input.webhookUrl ?? null,
    },
    idempotency: input.idempotency,
    answer: (times) => input.render({ ...draft, ...times, availableAtMs: times.createdAtMs }),
  });
  switch (outcome.kind) {
    case "created":
      deps.failpoint("create: committed, not published");
      await soon(
        publish(deps, draft.id, draft.version, [{ type: "task.queued", reason: "created" }]),
      );
      deps.failpoint("create: published, not queued");
      if (outcome.job !== null) await soon(addJobs(deps, [outcome.job]));
      deps.failpoint("create: queued, not answered");
      deps.log.success("task accepted", { task: draft.id, heldCredits: draft.heldCredits });
      return { response: outcome.response, taskId: draft.id, replayed: false };
    case "replayed":
      return { response: outcome.response, taskId: outcome.taskId, replayed: true };
    case "key-reused":
      throw keyReused();
    case "frozen":
      throw frozen();
    case "insufficient":
      throw insufficient(outcome.available, outcome.held, draft.heldCredits);
    default:
      return outcome satisfies never;
  }
}

/**
 * The stored answer of an earlier create with this key, before any work is done for it.
 * Throws IDEMPOTENCY_KEY_REUSED when the body is another one.
 */
export async function findReplay(
  deps: StoreParts<"tasks">,
  userId: string,
  idempotency: NonNullable<CreateTaskInput["idempotency"]>,
): Promise<CreatedTask | null> {
  const stored = await deps.store.tasks.findReplay(userId, idempotency.route, idempotency.key);
  if (stored === null) return null;
  if (stored.bodyHash !== idempotency.bodyHash) throw keyReused();
  return { response: stored.response, taskId: stored.taskId, replayed: true };
}

/** A task but for its times, which are the database's to say. */
type Draft = TaskRequest & Omit<TaskFacts, "createdAtMs" | "expiresAtMs" | "availableAtMs">;

function draftOf(deps: CreateDeps, input: CreateTaskInput): Draft {
  const { userId, request, sources, priority, metadata } = input;
  const { prices } = deps.settings;
  return {
    ...request,
    id: newId("task", deps.clock.nowMs(), deps.random),
    userId,
    status: "queued",
    priority,
    sources,
    prices,
    heldCredits: priceOf(request, prices),
    settled: null,
    fence: 0,
    version: 1,
    attempts: 0,
    crashes: 0,
    startedAtMs: null,
    finishedAtMs: null,
    error: null,
    metadata,
    steps: [],
    images: [],
  };
}

function keyReused(): DrapeError {
  return new DrapeError(
    "IDEMPOTENCY_KEY_REUSED",
    "This Idempotency-Key was used with another body: send the same body, or use a new key.",
  );
}

function frozen(): DrapeError {
  return new DrapeError(
    "ACCOUNT_FROZEN",
    "Your account is being checked and takes no new tasks until that is done. Tasks under way go on, and your " +
      "credits are safe. Sending the request again does not help; please ask the support.",
  );
}

function insufficient(available: number, held: number, needed: number): DrapeError {
  return new DrapeError(
    "INSUFFICIENT_CREDITS",
    `This task needs ${needed} credits; ${available} are available and ${held} are held by running tasks.`,
    { details: { balance: available, held, needed } },
  );
}
