import type { LimitFunction } from "p-limit";
import type { Deps, StoreParts } from "../deps.ts";
import { DrapeError, ERRORS, asDrapeError } from "../model/errors.ts";
import { stepsTotal } from "../model/step-plan.ts";
import {
  findStep,
  isFinished,
  type DegradedResult,
  type MissableStep,
  type MissedResult,
  type RecordOf,
  type StepName,
  type StepRecord,
} from "../model/step-results.ts";
import type { PaidCallWrite, StepWrite } from "../ports/task-store.ts";
import { publish } from "../tasks/publish-events.ts";
import type { Task } from "../model/task.ts";
import { degradationsOfStep } from "../model/task-results.ts";
import type { TaskEvent } from "../model/task-events.ts";

export type RunDeps = StoreParts<"tasks" | "usage" | "nowMs"> &
  Pick<
    Deps,
    | "events"
    | "invoker"
    | "objects"
    | "presets"
    | "promptCache"
    | "moderation"
    | "clock"
    | "random"
    | "log"
    | "settings"
    | "failpoint"
  >;

/** One attempt at a claimed task. `steps` follows what this attempt has stored. */
export type TaskRun = {
  readonly deps: RunDeps;
  readonly task: Task;
  readonly signal: AbortSignal;
  /** Writes of one task go one after another, so that its events come in the order of its versions. */
  readonly oneAtATime: LimitFunction;
  steps: readonly StepRecord[];
};

export function stepOf<S extends StepName>(
  run: TaskRun,
  step: S,
  index?: number,
): RecordOf<S> | undefined {
  return findStep(run.steps, step, index);
}

/** Indexes of a step that are not final yet. */
export function pendingIndexes(run: TaskRun, step: StepName, count: number): number[] {
  const indexes = Array.from({ length: count }, (_, index) => index);
  return indexes.filter((index) => !isFinished(stepOf(run, step, index)));
}

/** Stores finished steps and publishes them. Throws LEASE_LOST when the task is no longer ours. */
export async function saveSteps(run: TaskRun, writes: readonly StepWrite[]): Promise<void> {
  if (writes.length === 0) return;
  await run.oneAtATime(async () => {
    run.deps.failpoint("step: answered, not stored");
    const version = await run.deps.store.tasks.checkpoint(claimOf(run), writes);
    if (version === null) throw leaseLost();
    run.deps.failpoint("step: stored, not published");
    for (const write of writes) {
      const { asks = 0, failures = 0 } = stepOf(run, write.step, write.index) ?? {};
      keep(run, { ...write, askedAtMs: 0, askLimitMs: 0, asks, failures });
    }
    await publish(
      run.deps,
      run.task.id,
      version,
      writes.flatMap((write) => eventsOf(run, write)),
    );
    run.deps.failpoint("step: published");
  });
}

/** Commits that paid calls are about to go out. Throws LEASE_LOST when the task is no longer ours. */
export async function savePaidCalls(run: TaskRun, calls: readonly PaidCallWrite[]): Promise<void> {
  await run.oneAtATime(async () => {
    run.deps.failpoint("paid call: before the transaction");
    const version = await run.deps.store.tasks.markPaidCalls(claimOf(run), calls);
    if (version === null) throw leaseLost();
    run.deps.failpoint("paid call: committed, not published");
    const events = calls.map(({ step, index }) => stepEvent(run, { step, index, state: "asked" }));
    await publish(run.deps, run.task.id, version, events);
    run.deps.failpoint("paid call: published, not sent");
  });
}

/** Tells that the answers of these calls were lost, and until when each is waited for. A version of its own, nothing else. */
export async function publishInDoubt(
  run: TaskRun,
  calls: readonly { readonly step: StepName; readonly index: number; readonly untilMs: number }[],
): Promise<void> {
  await run.oneAtATime(async () => {
    const version = await run.deps.store.tasks.checkpoint(claimOf(run), []);
    if (version === null) throw leaseLost();
    const events = calls.map(({ step, index, untilMs }) => ({
      ...stepEvent(run, { step, index, state: "in-doubt" }),
      untilMs,
    }));
    await publish(run.deps, run.task.id, version, events);
  });
}

/** Waits for all, then throws the error that matters most, so that no call is left running unseen. */
export async function allOrWorst(work: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(work);
  const errors = outcomes
    .filter((outcome) => outcome.status === "rejected")
    .map((outcome) => asDrapeError(outcome.reason));
  const gravity = { fail: 0, pause: 1, retry: 2, delay: 3 };
  errors.sort((a, b) => gravity[ERRORS[a.code].outcome] - gravity[ERRORS[b.code].outcome]);
  if (errors[0] !== undefined) throw errors[0];
}

export function claimOf(run: TaskRun) {
  return { taskId: run.task.id, fence: run.task.fence };
}

export function leaseLost(): DrapeError {
  return new DrapeError("LEASE_LOST", "Another worker has the task, or it has ended.");
}

function keep(run: TaskRun, record: StepRecord): void {
  const others = run.steps.filter((old) => old.step !== record.step || old.index !== record.index);
  run.steps = [...others, record];
}

function eventsOf(run: TaskRun, write: StepWrite): TaskEvent[] {
  const { step, index, state, durationMs } = write;
  const events: TaskEvent[] = degradationsOfStep(write).map((degradation) => ({
    type: "task.degraded",
    degradation,
  }));
  if (state !== "degraded") events.unshift(stepEvent(run, { step, index, state }, durationMs));
  if (write.image !== undefined) {
    // The picture as it was generated is looked at meanwhile; the one to keep comes once.
    const type = step === "generate" ? "task.image.preview" : "task.image";
    events.push({ type, image: write.image });
  }
  return events;
}

type StepEvent = Extract<TaskEvent, { readonly type: "task.step" }>;
type StepChange = Pick<StepEvent, "step" | "index" | "state">;

function stepEvent(run: TaskRun, change: StepChange, durationMs = 0): StepEvent {
  const stepsDone = run.steps.filter(isFinished).length;
  return { type: "task.step", ...change, durationMs, stepsDone, stepsTotal: stepsTotal(run.task) };
}

/**
 * Runs a step that has a lesser replacement: the error when it has to be replaced, null when it went well. What an
 * operator must mend, and what ends this attempt, is thrown.
 */
export async function tryOrDegrade(
  run: TaskRun,
  work: () => Promise<void>,
): Promise<DrapeError | null> {
  try {
    await work();
    return null;
  } catch (thrown) {
    run.signal.throwIfAborted();
    const error = asDrapeError(thrown);
    if (error.code === "LEASE_LOST" || ERRORS[error.code].outcome === "pause") throw error;
    if (error.code === "INTERNAL")
      run.deps.log.failure("step failed", error.cause, { task: run.task.id });
    return error;
  }
}

/** Why a lesser result took the place of one that failed; `instead` may hold the lesser one itself. */
export function degradedResult<T extends Omit<DegradedResult, "reason">>(
  failure: Pick<DrapeError, "code">,
  instead: T,
): T & DegradedResult {
  return { ...instead, reason: failure.code };
}

type MissedStep = Pick<StepWrite, "index" | "durationMs"> & { readonly step: MissableStep };

/** A result that will never come, and why. */
export function missedWrite(
  step: MissedStep,
  error: MissedResult | Pick<DrapeError, "code" | "message" | "details">,
): StepWrite {
  const { code, message } = error;
  const pointer = "details" in error ? error.details["pointer"] : error.pointer;
  const result = { code, message, ...(typeof pointer === "string" ? { pointer } : {}) };
  return { ...step, state: "missed", priceCredits: 0, result };
}
