import pLimit from "p-limit";
import { asDrapeError, DrapeError, ERRORS } from "../model/errors.ts";
import { FUNCTION_NAMES } from "../model/functions.ts";
import type { LeaseKeeper } from "./lease-keeper.ts";
import { runPipeline } from "../pipeline/run-pipeline.ts";
import type { MissedResult } from "../model/step-results.ts";
import { plannedCounts } from "../model/step-plan.ts";
import { claimOf, type RunDeps, type TaskRun } from "../pipeline/task-run.ts";
import { STORE_LIMITS } from "../ports/store-types.ts";
import { publish } from "./publish-events.ts";
import { settleTask } from "./settle-task.ts";
import type { Task, TaskError } from "../model/task.ts";
import { backoffMs } from "../resilience/retry.ts";
import { createUsageMeter, type Meter, type Usage } from "../model/usage-meter.ts";

const PROBE_RESTS = 3;

export type WorkerIdentity = { readonly id: string; readonly leases: LeaseKeeper };

/**
 * One job: claim the task, run what is missing of it, settle it or put it back. Resolves always but for a database
 * that is away; somebody else's task, or one that has ended, is left alone quietly.
 */
export async function runTask(
  deps: RunDeps,
  taskId: string,
  worker: WorkerIdentity,
  signal: AbortSignal,
): Promise<void> {
  deps.failpoint("claim: before the transaction");
  const task = await deps.store.tasks.claim(taskId, worker.id, deps.settings.leases.leaseMs);
  if (task === null) return;
  deps.failpoint("claim: committed, not published");
  await publish(deps, task.id, task.version, [
    { type: "task.started", attempt: task.attempts + 1 },
  ]);
  deps.failpoint("claim: published, lease not kept");
  if (task.crashes >= STORE_LIMITS.crashesMax) {
    await end(deps, task, crashedTooOften);
    return;
  }
  deps.log.start("task started", { task: task.id, attempt: task.attempts + 1, fence: task.fence });
  const lease = worker.leases.hold({ taskId: task.id, fence: task.fence });
  try {
    await attempt(deps, task, AbortSignal.any([lease.signal, signal]));
  } finally {
    lease.release();
  }
}

async function attempt(deps: RunDeps, task: Task, signal: AbortSignal): Promise<void> {
  const tooLong = deps.clock.deadline(deps.settings.limits.attemptMs);
  const usage = createUsageMeter();
  const run: TaskRun = {
    deps: { ...deps, invoker: metered(deps.invoker, usage) },
    task,
    signal: AbortSignal.any([signal, tooLong]),
    oneAtATime: pLimit(1),
    steps: task.steps,
  };
  try {
    await runPipeline(run);
    await end(deps, task, missedError(run));
  } catch (thrown) {
    const error = tooLong.aborted && !signal.aborted ? attemptTooLong : asDrapeError(thrown);
    await conclude(run, signal.aborted ? asDrapeError(signal.reason) : error);
  } finally {
    await noteUsage(deps, task, usage.read());
  }
}

type Invoker = RunDeps["invoker"];

function metered(invoker: Invoker, meter: Meter): Invoker {
  return {
    ...invoker,
    invoke: (name, event, options) => invoker.invoke(name, event, { ...options, meter }),
  };
}

/** After the customer has been told: figures for the operator, which a process that dies here takes along. */
async function noteUsage(deps: RunDeps, task: Task, usage: readonly Usage[]): Promise<void> {
  try {
    await deps.store.usage.add(task.id, usage);
  } catch (error) {
    deps.log.failure("what the task used was not noted", error, { task: task.id });
  }
}

/** What an error means for the task: end it, or put it back with or without having spent an attempt. */
async function conclude(run: TaskRun, error: DrapeError): Promise<void> {
  const { deps, task } = run;
  if (error.code === "LEASE_LOST") {
    deps.log.info("task left to others", { task: task.id, reason: error.message });
    return;
  }
  if (error.code === "INTERNAL") deps.log.failure("attempt failed", error.cause, { task: task.id });
  const { outcome } = ERRORS[error.code];
  const spent = outcome === "retry";
  const exhausted = spent && task.attempts + 1 >= deps.settings.retries.attemptsMax;
  if (outcome === "fail" || exhausted) {
    await end(deps, task, error);
    return;
  }
  const delayMs = delayFor(run, error);
  deps.failpoint("requeue: before the transaction");
  const version = await deps.store.tasks.requeue(claimOf(run), {
    delayMs,
    spent,
    error: storedError(error),
  });
  if (version === null) return;
  deps.failpoint("requeue: committed, not published");
  const reason = error.code === "SHUTTING_DOWN" ? "handed-back" : spent ? "retry" : "delay";
  await publish(deps, task.id, version, [{ type: "task.queued", reason }]);
  deps.log.info(`task put back: ${reason}`, { task: task.id, code: error.code, delayMs });
}

function delayFor(run: TaskRun, error: DrapeError): number {
  const { settings, random } = run.deps;
  if (error.code === "SHUTTING_DOWN") return 0;
  const { outcome } = ERRORS[error.code];
  if (outcome === "pause") return Math.max(error.retryAfterMs ?? 0, settings.circuits.pauseProbeMs);
  if (outcome === "delay") return error.retryAfterMs ?? settings.circuits.circuitResetMs;
  // It was the probe of a circuit that stays open. Others are the next ones, or a short outage would spend all the
  // attempts of a few tasks: three rests and then six are longer than that.
  if (ERRORS[error.code].tripsCircuit && isAnyOpen(run))
    return PROBE_RESTS * settings.circuits.circuitResetMs * 2 ** run.task.attempts;
  return backoffMs(random, {
    baseMs: settings.retries.attemptBackoffMs,
    run: run.task.attempts,
    retryAfterMs: error.retryAfterMs,
    certainShare: 0.5,
  });
}

function isAnyOpen({ deps }: TaskRun): boolean {
  return FUNCTION_NAMES.some((name) => deps.invoker.health(name).circuit === "open");
}

async function end(deps: RunDeps, task: Task, error: DrapeError | null): Promise<void> {
  await settleTask(deps, {
    taskId: task.id,
    fence: task.fence,
    ending: "finished",
    error: error === null ? null : storedError(error),
    actor: "system",
  });
}

/** As its customer reads it: what only an operator can mend is no more than a matter of waiting to them. */
function storedError(error: DrapeError): TaskError {
  const { retryable, whose } = ERRORS[error.code];
  const pointer = error.details["pointer"];
  return {
    code: error.code,
    message: whose === "operator" ? NOT_FOR_NOW : error.message,
    retryable,
    ...(typeof pointer === "string" ? { pointer } : {}),
  };
}

const NOT_FOR_NOW = "This is not available for now; it goes on when it has been mended.";

/** Why a result is missing that was refused for good, and which one it is where there are several. */
function missedError({ task, steps }: TaskRun): DrapeError | null {
  const missed = steps.filter((record) => record.state === "missed");
  const [first] = missed;
  if (first === undefined) return null;
  const { code, message, pointer } = first.result;
  const details = pointer === undefined ? {} : { pointer };
  if (plannedCounts(task)[first.step] < 2) return new DrapeError(code, message, { details });
  const alike = missed
    .filter((one) => one.step === first.step && one.result.code === code)
    .sort((a, b) => a.index - b.index);
  // Each photo's message names it already.
  if (first.step !== "generate") return new DrapeError(code, listed(alike), { details });
  const numbers = alike.map(({ index }) => index + 1);
  return new DrapeError(code, `Image ${numbers.join(", ")}: ${message}`);
}

const LISTED_MAX = 3;

function listed(missed: readonly { readonly result: MissedResult }[]): string {
  const messages = missed.slice(0, LISTED_MAX).map(({ result }) => result.message);
  const more = missed.length - messages.length;
  return [...messages, ...(more > 0 ? [`${more} more photos`] : [])].join(" ");
}

const attemptTooLong = new DrapeError("FUNCTION_TIMEOUT", "The attempt took too long.", {
  ran: "unknown",
});
const crashedTooOften = new DrapeError(
  "TASK_CRASHED",
  "The task stopped its worker too often and was given up. Nothing that was not delivered is charged.",
);
