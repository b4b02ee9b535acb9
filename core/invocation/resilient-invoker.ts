import { asDrapeError, type DrapeError, ERRORS } from "../model/errors.ts";
import {
  NeverSent,
  openFunctionLane,
  type FunctionHealth,
  type FunctionLane,
  type LaneDeps,
} from "./function-client.ts";
import type { FunctionPauses } from "./function-pauses.ts";
import {
  eachFunction,
  type FunctionEvents,
  type FunctionName,
  type FunctionResults,
} from "../model/functions.ts";
import type { Log } from "../ports/log.ts";
import type { Random } from "../ports/random.ts";
import type { Meter } from "../model/usage-meter.ts";

export type InvokeOptions = {
  readonly signal: AbortSignal;
  /**
   * False for a paid call: after an answer that leaves open whether it ran, the error goes to the caller, who
   * waits the ask out instead of buying twice.
   */
  readonly repeatable: boolean;
  /**
   * For a paid call: commits that it goes out, right before it does and with its slot in hand, however long it waited
   * for one. `failed` is the try before, which is proven to be over.
   */
  readonly beforeCall?: (failed: DrapeError | null) => Promise<void>;
  /** Told what each try comes to. */
  readonly meter?: Meter;
  /** How long to wait for an open circuit before giving up with CIRCUIT_OPEN. */
  readonly circuitPatienceMs: number;
};

export interface ResilientInvoker {
  /** `retry( limit( breaker( call ) ) )`; resolves to the validated result or throws DrapeError. */
  invoke<N extends FunctionName>(
    name: N,
    event: FunctionEvents[N],
    options: InvokeOptions,
  ): Promise<FunctionResults[N]>;
  health(name: FunctionName): FunctionHealth;
  close(): void;
}

type InvokerDeps = LaneDeps & {
  readonly pauses: FunctionPauses;
  readonly random: Pick<Random, "fraction">;
};

/**
 * Wraps the bare invoker: a slot first, then the circuit, so that an open circuit costs no slot for long and a
 * backlog cannot rush past a circuit that opened meanwhile; no slot is held during a backoff.
 */
export function createResilientInvoker(deps: InvokerDeps): ResilientInvoker {
  const lanes = eachFunction((name) => openFunctionLane(name, deps));
  return {
    async invoke(name, event, options) {
      const answer = await retry(name, lanes[name], event, { deps, options });
      return answer as FunctionResults[typeof name]; // parsed by the catalogue's schema in its lane
    },
    health(name) {
      return lanes[name].health();
    },
    close() {
      for (const opened of Object.values(lanes)) opened.close();
    },
  };
}

type Trying = { readonly deps: InvokerDeps; readonly options: InvokeOptions };

async function retry(
  name: FunctionName,
  lane: FunctionLane,
  event: unknown,
  t: Trying,
): Promise<unknown> {
  const { clock, settings } = t.deps;
  const patientUntilMs = clock.monotonicMs() + t.options.circuitPatienceMs;
  await t.deps.pauses.check(name);
  let failed: DrapeError | null = null;
  for (let tries = 1; ;) {
    try {
      const result = await lane.run(event, t.options.signal, {
        beforeCall: async () => t.options.beforeCall?.(failed),
        ...(t.options.meter === undefined ? {} : { meter: t.options.meter }),
      });
      await noted(name, t.deps.log, t.deps.pauses.clear(name));
      return result;
    } catch (thrown) {
      const error = asDrapeError(thrown);
      if (error instanceof NeverSent) throw error;
      t.options.signal.throwIfAborted();
      if (error.code === "CIRCUIT_OPEN") {
        // It was tried and failed: that is what the attempt ends with, or a dead provider would be waited for
        // until the deadline by everybody who probes it.
        if (failed !== null && t.options.circuitPatienceMs === 0) throw failed;
        if (clock.monotonicMs() >= patientUntilMs) throw error;
        await clock.sleep(Math.min(1_000, settings.circuitResetMs), t.options.signal);
        continue;
      }
      if (ERRORS[error.code].outcome === "pause" && error.code !== "FUNCTION_PAUSED") {
        await noted(name, t.deps.log, t.deps.pauses.pause(name, error));
      }
      if (!worthAnotherTry(error, t.options) || tries >= settings.triesMax) throw error;
      failed = error;
      await clock.sleep(backoffMs(tries, error, t.deps), t.options.signal);
      tries += 1;
      t.deps.log.info("trying again", { function: name, try: tries, code: error.code });
    }
  }
}

/** A pause is for the calls after this one: whether it can be written changes nothing about what this one brought. */
async function noted(name: FunctionName, log: Log, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    log.failure("whether the function is paused was not noted", error, { function: name });
  }
}

function worthAnotherTry(error: DrapeError, options: InvokeOptions): boolean {
  if (ERRORS[error.code].outcome !== "retry") return false;
  return options.repeatable || error.ran !== "unknown";
}

/** Full jitter over a doubling wait, never less than the other side asked for. */
function backoffMs(tries: number, error: DrapeError, deps: InvokerDeps): number {
  const ceilingMs = deps.settings.tryBackoffMs * 2 ** tries;
  return Math.max(error.retryAfterMs ?? 0, Math.ceil(deps.random.fraction() * ceilingMs));
}
