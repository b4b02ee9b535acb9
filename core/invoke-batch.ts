import pLimit from "p-limit";
import { asDrapeError, DrapeError } from "./errors.ts";
import type { FunctionEvents, FunctionName, FunctionResults } from "./functions.ts";
import type { InvokeOptions, ResilientInvoker } from "./resilient-invoker.ts";

export type BatchOptions = Pick<InvokeOptions, "signal" | "repeatable" | "circuitPatienceMs"> & {
  /** Calls of this batch in flight; the function's own limits hold beside it. */
  readonly concurrency?: number;
};

export type BatchOutcome<R> =
  | { readonly ok: true; readonly result: R }
  | { readonly ok: false; readonly error: DrapeError };

export const BATCH_LIMITS = { eventsMax: 1_000, concurrency: 4, concurrencyMax: 64 } as const;
const CONCURRENCY_MAX = BATCH_LIMITS.concurrencyMax;

/**
 * Calls one function for many events, a few at a time, each with its own tries: the outcomes stand in the order of
 * the events, and one that fails leaves the others alone. After an abort no call is begun any more, and those under
 * way end as the signal ends them. Resolves when all have ended. Above 1,000 events, or a concurrency that is not 1
 * to 64: RangeError.
 */
export async function invokeBatch<N extends FunctionName>(
  invoker: Pick<ResilientInvoker, "invoke">,
  name: N,
  events: readonly FunctionEvents[N][],
  { concurrency = BATCH_LIMITS.concurrency, ...options }: BatchOptions,
): Promise<BatchOutcome<FunctionResults[N]>[]> {
  if (events.length > BATCH_LIMITS.eventsMax) {
    throw new RangeError(`a batch has at most ${BATCH_LIMITS.eventsMax} events`);
  }
  if (!(Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= CONCURRENCY_MAX)) {
    throw new RangeError(`concurrency is 1 to ${CONCURRENCY_MAX}`);
  }
  const limit = pLimit(concurrency);
  const callOne = async (event: FunctionEvents[N]): Promise<BatchOutcome<FunctionResults[N]>> => {
    if (options.signal.aborted) return { ok: false, error: notBegun(options.signal) };
    try {
      return { ok: true, result: await invoker.invoke(name, event, options) };
    } catch (error) {
      return { ok: false, error: asDrapeError(error) };
    }
  };
  return Promise.all(events.map((event) => limit(() => callOne(event))));
}

function notBegun({ reason }: AbortSignal): DrapeError {
  if (reason instanceof DrapeError) return reason;
  const message = "The batch was stopped before this call began.";
  return new DrapeError("SHUTTING_DOWN", message, { cause: reason });
}
