import { asDrapeError, type DrapeError } from "../model/errors.ts";
import { NeverSent } from "../invocation/function-client.ts";
import type { InvokeOptions } from "../invocation/resilient-invoker.ts";
import { callLimitMs } from "../model/task-settings.ts";
import { leaseLost, placeOf, saveAsks, type TaskRun } from "./task-run.ts";

/** Which function each paid step asks. */
const ASKED_OF = { prompt: "prompt-generator", generate: "image-generator" } as const;

/** One result of a task that is bought. */
export type PaidPlace = { readonly step: keyof typeof ASKED_OF; readonly index: number };

export type BeforeCall = InvokeOptions["beforeCall"];

/** How a paid call is made: what leaves open whether it ran comes back to the caller, and is never sent again. */
export function paidCallOptions(
  run: TaskRun,
  circuitPatienceMs: number,
  beforeCall: BeforeCall,
): InvokeOptions {
  const options = { signal: run.signal, repeatable: false, circuitPatienceMs };
  return beforeCall === undefined ? options : { ...options, beforeCall };
}

/** Before each sending of the paid call. A try before it is over and brought nothing: it does not count as an ask. */
export async function commitAsks(
  run: TaskRun,
  places: readonly PaidPlace[],
  failed: DrapeError | null,
): Promise<void> {
  if (failed !== null) await forgetAsks(run, places, "no");
  await saveAsks(
    run,
    places.map(({ step, index }) => ({
      step,
      index,
      askLimitMs: callLimitMs(run.deps.settings, ASKED_OF[step]),
    })),
  );
}

/**
 * What a paid call threw, as its error. Its asks are forgotten unless they may still be under way; throws the signal's
 * reason instead when the attempt has ended.
 */
export async function errorOfPaidCall(
  run: TaskRun,
  places: readonly PaidPlace[],
  thrown: unknown,
): Promise<DrapeError> {
  // A call that we gave up ourselves may still be running over there, whatever the reason says.
  if (!(thrown instanceof NeverSent)) run.signal.throwIfAborted();
  const error = asDrapeError(thrown);
  if (error.ran !== "unknown") await forgetAsks(run, places, error.ran);
  return error;
}

/** Commits that nothing of these asks is under way any more. Throws LEASE_LOST when the task is no longer ours. */
export async function forgetAsks(
  run: TaskRun,
  places: readonly PaidPlace[],
  ran: "no" | "yes",
): Promise<void> {
  if (!(await run.deps.store.clearAsks(placeOf(run), places, ran))) throw leaseLost();
  run.deps.crashPoint("ask: forgotten");
}
