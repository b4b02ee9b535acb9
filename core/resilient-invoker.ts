import CircuitBreaker from "opossum";
import pLimit, { type LimitFunction } from "p-limit";
import type { FunctionFailure } from "./contracts/function-answer.ts";
import { asDrapeError, codeOfFailure, DrapeError, ERRORS } from "./errors.ts";
import {
  FUNCTION_NAMES,
  FUNCTIONS,
  wholeFailure,
  type FunctionEvents,
  type FunctionName,
  type FunctionResults,
} from "./functions.ts";
import type { Clock } from "./ports/clock.ts";
import type { FunctionInvoker } from "./ports/cloud.ts";
import type { FunctionPauses } from "./function-pauses.ts";
import type { Log } from "./ports/log.ts";
import { callLimitMs, type TaskSettings } from "./task-settings.ts";

export type CircuitState = "closed" | "open" | "half-open";
export type FunctionHealth = {
  readonly circuit: CircuitState;
  readonly lastError: string | null;
  readonly lastLatencyMs: number | null;
};

export type InvokeOptions = {
  readonly signal: AbortSignal;
  /**
   * False for a paid call: after an answer that leaves open whether it ran, the error goes to the caller, who
   * waits the ask out instead of buying twice.
   */
  readonly repeatable: boolean;
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

type InvokerDeps = {
  readonly functions: FunctionInvoker;
  readonly clock: Clock;
  readonly log: Log;
  readonly pauses: FunctionPauses;
  readonly settings: TaskSettings;
  /** 0 <= x < 1; for jitter. */
  readonly random: () => number;
};

type Call = (event: unknown, signal: AbortSignal) => Promise<unknown>;
type Lane = {
  readonly limit: LimitFunction;
  readonly breaker: CircuitBreaker<[unknown, AbortSignal], unknown>;
  lastError: string | null;
  lastLatencyMs: number | null;
};

/**
 * Wraps the bare invoker: a slot first, then the circuit, so that an open circuit costs no slot for long and a
 * backlog cannot rush past a circuit that opened meanwhile; no slot is held during a backoff.
 */
export function createResilientInvoker(deps: InvokerDeps): ResilientInvoker {
  const lanes = new Map<FunctionName, Lane>();
  for (const name of FUNCTION_NAMES) lanes.set(name, openLane(name, deps));
  const lane = (name: FunctionName): Lane => {
    const found = lanes.get(name);
    if (found === undefined) throw new Error(`no lane for ${name}`);
    return found;
  };
  return {
    async invoke(name, event, options) {
      const answer = await retry(name, lane(name), event, { deps, options });
      return answer as FunctionResults[typeof name]; // parsed by the catalogue's schema in `callOnce`
    },
    health(name) {
      const { breaker, lastError, lastLatencyMs } = lane(name);
      const circuit = breaker.opened ? "open" : breaker.halfOpen ? "half-open" : "closed";
      return { circuit, lastError, lastLatencyMs };
    },
    close() {
      for (const { breaker } of lanes.values()) breaker.shutdown();
    },
  };
}

function openLane(name: FunctionName, deps: InvokerDeps): Lane {
  // The breaker has no timeout and no abort controller of its own: both are shared by all its calls.
  const call: Call = (event, signal) => callOnce(name, event, { deps, signal });
  const breaker = new CircuitBreaker(call, {
    timeout: false,
    errorThresholdPercentage: 50,
    volumeThreshold: 6,
    rollingCountTimeout: 30_000,
    resetTimeout: deps.settings.circuitResetMs,
    errorFilter: (error: unknown) => !ERRORS[asDrapeError(error).code].tripsCircuit,
  });
  breaker.on("open", () => deps.log.info("circuit opened", { function: name }));
  breaker.on("close", () => deps.log.info("circuit closed", { function: name }));
  return {
    limit: pLimit(FUNCTIONS[name].concurrency),
    breaker,
    lastError: null,
    lastLatencyMs: null,
  };
}

type Trying = { readonly deps: InvokerDeps; readonly options: InvokeOptions };

async function retry(name: FunctionName, lane: Lane, event: unknown, t: Trying): Promise<unknown> {
  const { clock, settings } = t.deps;
  const patientUntilMs = clock.monotonicMs() + t.options.circuitPatienceMs;
  await t.deps.pauses.check(name);
  let failed: DrapeError | null = null;
  for (let tries = 1; ;) {
    try {
      const result = await throughLimit(lane, event, t);
      await t.deps.pauses.clear(name);
      return result;
    } catch (thrown) {
      const error = asDrapeError(thrown);
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
        await t.deps.pauses.pause(name, error);
      }
      if (!worthAnotherTry(error, t.options) || tries >= settings.triesMax) throw error;
      failed = error;
      await clock.sleep(backoffMs(tries, error, t.deps), t.options.signal);
      tries += 1;
      t.deps.log.info("trying again", { function: name, try: tries, code: error.code });
    }
  }
}

function worthAnotherTry(error: DrapeError, options: InvokeOptions): boolean {
  if (ERRORS[error.code].outcome !== "retry") return false;
  return options.repeatable || error.ran !== "unknown";
}

/** Full jitter over a doubling wait, never less than the other side asked for. */
function backoffMs(tries: number, error: DrapeError, deps: InvokerDeps): number {
  const ceilingMs = deps.settings.tryBackoffMs * 2 ** tries;
  return Math.max(error.retryAfterMs ?? 0, Math.ceil(deps.random() * ceilingMs));
}

async function throughLimit(lane: Lane, event: unknown, t: Trying): Promise<unknown> {
  return lane.limit(async () => {
    t.options.signal.throwIfAborted();
    const startedMs = t.deps.clock.monotonicMs();
    try {
      const result = await lane.breaker.fire(event, t.options.signal);
      lane.lastLatencyMs = Math.round(t.deps.clock.monotonicMs() - startedMs);
      return result;
    } catch (thrown) {
      const error = isOpenCircuit(thrown)
        ? new DrapeError("CIRCUIT_OPEN", "The function is resting after failures.")
        : asDrapeError(thrown);
      if (error.code !== "CIRCUIT_OPEN") lane.lastError = error.code;
      throw error;
    }
  });
}

function isOpenCircuit(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "EOPENBREAKER";
}

type Calling = { readonly deps: InvokerDeps; readonly signal: AbortSignal };

async function callOnce(name: FunctionName, event: unknown, c: Calling): Promise<unknown> {
  const limit = AbortSignal.timeout(callLimitMs(c.deps.settings, name));
  const signal = AbortSignal.any([c.signal, limit]);
  const raw = await c.deps.functions.call(name, event, signal);
  const answer = FUNCTIONS[name].answer.safeParse(raw);
  if (!answer.success) {
    throw new DrapeError("FUNCTION_ANSWER_INVALID", `The answer of ${name} cannot be read.`, {
      ran: "unknown",
      cause: answer.error,
    });
  }
  if (!answer.data.ok) throw failureError(name, answer.data.failure);
  const failure = wholeFailure(name, answer.data.result);
  if (isWorthThrowing(failure)) throw failureError(name, failure);
  return answer.data.result;
}

/** A customer's fault is told image by image; what another try or an operator may mend is thrown. */
function isWorthThrowing(failure: FunctionFailure | null): failure is FunctionFailure {
  return failure !== null && ERRORS[codeOfFailure(failure.code)].outcome !== "fail";
}

export function failureError(name: FunctionName, failure: FunctionFailure): DrapeError {
  return new DrapeError(codeOfFailure(failure.code), failure.message, {
    ran: failure.ran,
    ...(failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }),
    operatorMessage: `${name}: ${failure.providerCode ?? failure.code}: ${failure.message}`,
  });
}
