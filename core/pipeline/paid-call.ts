import type { ProviderSwitch } from "../function-schemas/provider-switch.ts";
import { NeverSent } from "../invocation/function-client.ts";
import type { InvokeOptions } from "../invocation/resilient-invoker.ts";
import { asDrapeError, codeOfFailure, DrapeError, ERRORS } from "../model/errors.ts";
import {
  findStep,
  type DegradedResult,
  type DoneOtherwise,
  type MissedResult,
  type StepRecord,
} from "../model/step-results.ts";
import { callLimitMs } from "../model/task-settings.ts";
import {
  leaseLost,
  claimOf,
  savePaidCalls,
  stepOf,
  publishInDoubt,
  type TaskRun,
} from "./task-run.ts";

/** Which function each paid step calls. */
const FUNCTION_OF = { prompt: "prompt-generator", generate: "image-generator" } as const;

/** One result of a task that is paid for. */
export type PaidStep = { readonly step: keyof typeof FUNCTION_OF; readonly index: number };

/** The same with the object that its call writes. */
type PaidCall = PaidStep & { readonly key: string };

export type BeforeCall = InvokeOptions["beforeCall"];

/**
 * How often one result is bought over all attempts and workers when what was bought cannot be used: once more, and never
 * a third time. Calls whose outcome stays in doubt count as well, once one has certainly come to nothing.
 */
const PURCHASES_MAX = 2;

/** How a paid call is made: what leaves open whether it ran comes back to the caller, and is never sent again. */
export function paidCallOptions(
  run: TaskRun,
  circuitPatienceMs: number,
  beforeCall: BeforeCall,
): InvokeOptions {
  const options = { signal: run.signal, repeatable: false, circuitPatienceMs };
  return beforeCall === undefined ? options : { ...options, beforeCall };
}

/** Before each sending of the paid call. A try before it is over and brought nothing: it does not count as a call. */
export async function commitPaidCalls(
  run: TaskRun,
  calls: readonly PaidStep[],
  failed: DrapeError | null,
): Promise<void> {
  if (failed !== null) await forgetPaidCalls(run, calls, "no");
  await savePaidCalls(
    run,
    calls.map(({ step, index }) => ({
      step,
      index,
      askLimitMs: callLimitMs(run.deps.settings, FUNCTION_OF[step]),
    })),
  );
}

/**
 * What a paid call threw, as its error. Its calls are forgotten unless they may still be under way; throws the signal's
 * reason instead when the attempt has ended.
 */
export async function errorOfPaidCall(
  run: TaskRun,
  calls: readonly PaidStep[],
  thrown: unknown,
): Promise<DrapeError> {
  // A call that we gave up ourselves may still be running over there, whatever the reason says.
  if (!(thrown instanceof NeverSent)) run.signal.throwIfAborted();
  const error = asDrapeError(thrown);
  if (error.ran !== "unknown") await forgetPaidCalls(run, calls, error.ran);
  return error;
}

/** Whether the result has been bought as often as it may be, and came to nothing: then it is missed for good. */
export function isSpent(record: StepRecord | undefined): boolean {
  if (record?.state !== "asked" || record.failures === 0) return false;
  const { step, asks } = record;
  return (step === "prompt" || step === "generate") && asks >= PURCHASES_MAX;
}

/**
 * Reads the step as it is committed, with the time of its call and what its calls came to: by that another worker decides
 * the same. Other steps are left as this attempt knows them, since they may be written meanwhile.
 */
export async function refreshStep(
  run: TaskRun,
  { step, index }: PaidStep,
): Promise<StepRecord | undefined> {
  const task = await run.deps.store.tasks.find(run.task.id);
  const record = findStep(task?.steps ?? [], step, index);
  const others = run.steps.filter((one) => one.step !== step || one.index !== index);
  run.steps = record === undefined ? others : [...others, record];
  return record;
}

/** What the customer reads of such a result; `failure` is what the last purchase came to. */
export function spentResult({ code, message }: Pick<DrapeError, "code" | "message">): MissedResult {
  return { code, message: `${message} It was tried again, and is given up. It costs nothing.` };
}

/** What the last purchase came to, where the process that saw it has died. */
export const unusableAnswer = (): DrapeError =>
  new DrapeError("PROVIDER_ANSWER_INVALID", "What the AI provider made could not be used.", {
    ran: "yes",
  });

/** Commits that none of these calls is under way any more. Throws LEASE_LOST when the task is no longer ours. */
export async function forgetPaidCalls(
  run: TaskRun,
  calls: readonly PaidStep[],
  ran: "no" | "yes",
): Promise<void> {
  if (!(await run.deps.store.tasks.clearPaidCalls(claimOf(run), calls, ran))) throw leaseLost();
  run.deps.failpoint("paid call: forgotten");
}

/**
 * Paid calls whose answer never came may still be running. Until their limit has passed nobody asks again; instead
 * the objects that they write are looked for. Calls `take` with those that appear, as soon as they do.
 */
export async function awaitInDoubtCalls(
  run: TaskRun,
  calls: readonly PaidCall[],
  take: (found: readonly PaidCall[]) => Promise<void>,
): Promise<void> {
  const { store, clock, objects, settings } = run.deps;
  const offsetMs = (await store.nowMs()) - clock.monotonicMs();
  let missing = calls;
  for (let isPublished = false; ;) {
    const found: PaidCall[] = [];
    for (const call of missing) {
      if ((await objects.head(call.key)) !== null) found.push(call);
    }
    if (found.length > 0) {
      run.deps.failpoint("in-doubt call: found, not taken");
      await take(found);
    }
    const nowMs = clock.monotonicMs() + offsetMs;
    missing = missing.filter((call) => !found.includes(call) && callEndsMs(run, call) > nowMs);
    if (missing.length === 0) return;
    if (!isPublished) {
      isPublished = true;
      await publishInDoubt(
        run,
        missing.map((call) => ({ ...call, untilMs: callEndsMs(run, call) })),
      );
    }
    await clock.sleep(settings.calls.lookForObjectMs, run.signal);
  }
}

function callEndsMs(run: TaskRun, call: PaidCall): number {
  const record = stepOf(run, call.step, call.index);
  return record === undefined ? 0 : record.askedAtMs + record.askLimitMs;
}

/** Those of `calls` that an earlier attempt made without learning the outcome. */
export function inDoubtCalls<P extends PaidCall>(run: TaskRun, calls: readonly P[]): P[] {
  return calls.filter((call) => {
    const record = stepOf(run, call.step, call.index);
    return record?.state === "asked" && record.askLimitMs > 0;
  });
}

/**
 * Logs for the operator, loudly what only they can mend, since nothing pauses while another provider helps out. Each
 * reason once: `logged` has those that other calls of the same step met.
 */
export function logSwitches(
  { deps, task }: Pick<TaskRun, "deps" | "task">,
  name: string,
  switches: readonly ProviderSwitch[],
  logged: Set<string> = new Set(),
): void {
  for (const { from, code, to, providerCode = code, message = "" } of switches) {
    const reason = `${from} ${code} ${to}`;
    if (logged.has(reason)) continue;
    logged.add(reason);
    const fields = { function: name, task: task.id, code, from, to };
    const words = `${name}: ${to} helps out for ${from}: ${providerCode}: ${message}`;
    if (ERRORS[codeOfFailure(code)].outcome === "pause") deps.log.failure(words, null, fields);
    else deps.log.info(words, fields);
  }
}

/** Somebody else did it than should have, or in another way; it is charged all the same. */
export const didOtherwise = (reason: string, usedInstead: string): DegradedResult => ({
  reason,
  usedInstead,
  creditsReturned: 0,
});

/** What a result says of that: nothing when all went as it should. */
export const notedIn = (degradations: readonly DegradedResult[]): DoneOtherwise =>
  degradations.length === 0 ? {} : { degradations };
