import CircuitBreaker from "opossum";
import pLimit from "p-limit";
import {
  circuitState,
  isOpenCircuit,
  InconclusiveResult,
  openAfterRow,
  passes,
  type CircuitState,
} from "../resilience/circuit.ts";
import type { FunctionFailure } from "../function-schemas/function-answer.ts";
import {
  asDrapeError,
  codeOfFailure,
  DrapeError,
  type ErrorCode,
  ERRORS,
  isWorthAnotherAttempt,
} from "../model/errors.ts";
import { FUNCTIONS, wholeFailure, type FunctionName } from "../model/functions.ts";
import type { Clock } from "../ports/clock.ts";
import type { FunctionInvoker } from "../ports/cloud.ts";
import type { Log } from "../ports/log.ts";
import type { RateLimiter } from "../ports/rate-limiter.ts";
import type { Semaphore } from "../ports/semaphore.ts";
import { createPictureDeaths, pictureWorkOf, type PictureDeaths } from "./picture-deaths.ts";
import { awaitProviderRate } from "./provider-rate-limit.ts";
import { callLimitMs, type TaskSettings } from "../model/task-settings.ts";
import type { Meter } from "../model/usage-meter.ts";

export type FunctionHealth = {
  readonly circuit: CircuitState;
  readonly lastError: string | null;
  readonly lastLatencyMs: number | null;
  /** How long the longest call waits by now for the rate that its provider takes; 0 when none does. */
  readonly rateWaitMs: number;
};

export type CallHooks = {
  /** Runs with the permit in hand, right before the call goes out; what it throws keeps the call from going out. */
  readonly beforeCall: () => Promise<void>;
  /** Whose pictures the call works on, where they are a customer's. */
  readonly customerId?: string;
  readonly meter?: Meter;
};

/** The way of every call of one function: `limit( breaker( call ) )`. */
export type FunctionClient = {
  /** The validated result, or DrapeError; CIRCUIT_OPEN at once while the circuit is open. */
  run(event: unknown, signal: AbortSignal, hooks: CallHooks): Promise<unknown>;
  health(): FunctionHealth;
  /** Whether instances die over pictures of several customers: then it is not the pictures. */
  isOutage(): boolean;
  close(): void;
};

export type FunctionClientDeps = {
  readonly functions: FunctionInvoker;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: TaskSettings;
  /** Limits that all processes keep together. */
  readonly semaphore: Semaphore;
  readonly rateLimiter: RateLimiter;
};

/** Given up after it was committed and before it went out: whatever ended it, there is nothing to wait for. */
export class NeverSent extends DrapeError {
  constructor() {
    super("SHUTTING_DOWN", "The call was given up before it went out.", { ran: "no" });
  }
}

/** So many failures in a row open the circuit, however well it went before. */
const FAILURES_IN_A_ROW = 6;
/** A killed process gives its permits back after this time. */
const PERMIT_LEASE_MS = 15_000;

/**
 * A permit first (this process's own, then one of those that all share), then the provider's rate, then the circuit, so
 * that an open circuit costs no permit for long and a backlog cannot rush past a circuit that opened meanwhile.
 */
export function openFunctionClient(name: FunctionName, deps: FunctionClientDeps): FunctionClient {
  const { clock, semaphore } = deps;
  const { concurrency, permitsMax } = FUNCTIONS[name];
  const limit = pLimit(concurrency);
  const deaths = createPictureDeaths(clock);
  const breaker = openBreaker(name, deps, deaths);
  let lastError: string | null = null;
  let lastLatencyMs: number | null = null;
  const rateWaits = new Set<{ readonly sinceMs: number }>();

  async function awaitRate(event: unknown, signal: AbortSignal): Promise<void> {
    const wait = { sinceMs: clock.monotonicMs() };
    rateWaits.add(wait);
    try {
      await awaitProviderRate(deps, name, event, signal);
    } finally {
      rateWaits.delete(wait);
    }
  }

  async function throughCircuit(...call: Call): Promise<unknown> {
    const startedMs = clock.monotonicMs();
    const logInvocation = (code: ErrorCode | null) => {
      const ms = Math.round(clock.monotonicMs() - startedMs);
      const whose = code === null ? null : ERRORS[code].whose;
      deps.log.info("invocation", { function: name, ms, code, whose });
      return ms;
    };
    try {
      const result = await breaker.fire(...call);
      lastLatencyMs = logInvocation(null);
      return result;
    } catch (thrown) {
      if (isOpenCircuit(thrown)) {
        throw new DrapeError("CIRCUIT_OPEN", "The function is resting after failures.");
      }
      const isInconclusive = thrown instanceof InconclusiveResult;
      const error = asDrapeError(isInconclusive ? thrown.cause : thrown);
      // What a customer sent, or what ended the call on our side, is no state of the function.
      if (!isInconclusive && isOfTheFunction(error)) lastError = error.code;
      logInvocation(error.code);
      throw error;
    }
  }

  return {
    run: (...call) =>
      limit(async () => {
        const [event, signal] = call;
        signal.throwIfAborted();
        const permit = await semaphore.take(name, permitsMax, PERMIT_LEASE_MS, signal);
        try {
          // What an open circuit turns away takes nothing from those who are still to come.
          if (!breaker.opened) await awaitRate(event, signal);
          return await throughCircuit(...call);
        } finally {
          await permit.release();
        }
      }),
    health() {
      const [longest] = rateWaits;
      const rateWaitMs =
        longest === undefined ? 0 : Math.round(clock.monotonicMs() - longest.sinceMs);
      return { circuit: circuitState(breaker), lastError, lastLatencyMs, rateWaitMs };
    },
    isOutage: () => deaths.isOutage(),
    close: () => breaker.shutdown(),
  };
}

type Call = [event: unknown, signal: AbortSignal, hooks: CallHooks];

function isOfTheFunction({ code }: DrapeError): boolean {
  const { whose } = ERRORS[code];
  return whose === "provider" || whose === "operator";
}

function openBreaker(
  name: FunctionName,
  deps: FunctionClientDeps,
  deaths: PictureDeaths,
): CircuitBreaker<Call, unknown> {
  const call = async (...[event, signal, hooks]: Call) => {
    try {
      await hooks.beforeCall();
      if (signal.aborted) throw new NeverSent();
    } catch (cause) {
      throw new InconclusiveResult("the call did not go out", { cause });
    }
    const work = pictureWorkOf(name, event, hooks.customerId);
    try {
      const result = await callOnce(name, event, { deps, signal, meter: hooks.meter });
      if (work !== null) deaths.passed(work);
      return result;
    } catch (thrown) {
      if (work === null || asDrapeError(thrown).crash === undefined) throw thrown;
      deaths.note(work);
      if (!deaths.isOutage()) {
        throw new InconclusiveResult("its picture may be why", { cause: thrown });
      }
      breaker.open();
      throw thrown;
    }
  };
  // The breaker has no timeout and no abort controller of its own: both are shared by all its calls.
  const breaker: CircuitBreaker<Call, unknown> = new CircuitBreaker<Call, unknown>(call, {
    timeout: false,
    errorThresholdPercentage: 50,
    volumeThreshold: FAILURES_IN_A_ROW,
    rollingCountTimeout: 30_000,
    resetTimeout: deps.settings.circuits.circuitResetMs,
    errorFilter: (error: unknown) =>
      passes(error, breaker, (failure) => ERRORS[asDrapeError(failure).code].tripsCircuit),
  });
  openAfterRow(breaker, FAILURES_IN_A_ROW);
  breaker.on("open", () => deps.log.info("circuit opened", { function: name }));
  breaker.on("close", () => deps.log.info("circuit closed", { function: name }));
  return breaker;
}

type Calling = {
  readonly deps: FunctionClientDeps;
  readonly signal: AbortSignal;
  readonly meter: Meter | undefined;
};

async function callOnce(name: FunctionName, event: unknown, c: Calling): Promise<unknown> {
  const limit = c.deps.clock.deadline(callLimitMs(c.deps.settings, name));
  const signal = AbortSignal.any([c.signal, limit]);
  const { memoryMb } = FUNCTIONS[name];
  c.meter?.sent(name);
  const called = c.deps.functions.call(name, event, signal, (billedMs) =>
    c.meter?.billed(name, memoryMb * billedMs),
  );
  const raw = await called.catch((thrown: unknown) => {
    throw c.signal.aborted
      ? new InconclusiveResult("its task gave it up", { cause: thrown })
      : thrown;
  });
  const answer = FUNCTIONS[name].answer.safeParse(raw);
  if (!answer.success) {
    throw new DrapeError("FUNCTION_ANSWER_INVALID", `The answer of ${name} cannot be read.`, {
      ran: "unknown",
      cause: answer.error,
    });
  }
  if (!answer.data.ok) throw failureError(name, answer.data.failure);
  c.meter?.answered(name, answer.data.result);
  const failure = wholeFailure(name, answer.data.result);
  if (isWorthThrowing(failure)) throw failureError(name, failure);
  return answer.data.result;
}

/** A customer's fault is reported image by image; a fault that another try or an operator may mend is thrown. */
function isWorthThrowing(failure: FunctionFailure | null): failure is FunctionFailure {
  return failure !== null && isWorthAnotherAttempt(failure);
}

export function failureError(name: FunctionName, failure: FunctionFailure): DrapeError {
  return new DrapeError(codeOfFailure(failure.code), failure.message, {
    ran: failure.ran,
    ...(failure.code === "FUNCTION_TIMEOUT" ? { crash: "timed-out" as const } : {}),
    ...(failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }),
    operatorMessage: `${name}: ${failure.providerCode ?? failure.code}: ${failure.message}`,
  });
}
