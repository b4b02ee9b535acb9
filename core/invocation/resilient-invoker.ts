import { asDrapeError, DrapeError, ERRORS } from "../model/errors.ts";
import {
  NeverSent,
  openFunctionClient,
  type CallHooks,
  type FunctionHealth,
  type FunctionClient,
  type FunctionClientDeps,
} from "./function-client.ts";
import { pictureWorkOf } from "./picture-deaths.ts";
import type { FunctionPauses } from "./function-pauses.ts";
import {
  eachFunction,
  type FunctionEvents,
  type FunctionName,
  type FunctionResults,
} from "../model/functions.ts";
import type { Log } from "../ports/log.ts";
import type { Random } from "../ports/random.ts";
import { retry, type RetryPolicy } from "../resilience/retry.ts";
import type { Meter } from "../model/usage-meter.ts";

export type InvokeOptions = {
  readonly signal: AbortSignal;
  /**
   * False for a paid call: unless it surely did not run, its error goes to the caller, who counts what was bought and
   * waits out what may still be running, instead of paying twice.
   */
  readonly repeatable: boolean;
  /**
   * For a paid call: commits that it goes out, right before it does and with its permit in hand, however long it waited
   * for one. `failed` is the try before, which is proven to be over.
   */
  readonly beforeCall?: (failed: DrapeError | null) => Promise<void>;
  /** Told what each try comes to. */
  readonly meter?: Meter;
  /**
   * Whose pictures the call works on. Over them an instance may die twice: then IMAGE_TOO_COSTLY is thrown, unless the
   * function fails everybody. Several pictures together are not tried again: the error's `crash` says that each is to
   * be tried alone, with that death counted in `deathsBefore`.
   */
  readonly customerId?: string;
  readonly deathsBefore?: number;
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

type InvokerDeps = FunctionClientDeps & {
  readonly pauses: FunctionPauses;
  readonly random: Pick<Random, "fraction">;
};

/**
 * Wraps the bare invoker: a permit first, then the circuit, so that an open circuit costs no permit for long and a
 * backlog cannot rush past a circuit that opened meanwhile; no permit is held during a backoff.
 */
export function createResilientInvoker(deps: InvokerDeps): ResilientInvoker {
  const clients = eachFunction((name) => openFunctionClient(name, deps));
  return {
    async invoke(name, event, options) {
      const answer = await invokePatiently(name, clients[name], event, { deps, options });
      return answer as FunctionResults[typeof name]; // parsed by its client with the catalogue's schema
    },
    health(name) {
      return clients[name].health();
    },
    close() {
      for (const opened of Object.values(clients)) opened.close();
    },
  };
}

type Trying = { readonly deps: InvokerDeps; readonly options: InvokeOptions };

async function invokePatiently(
  name: FunctionName,
  client: FunctionClient,
  event: unknown,
  { deps, options }: Trying,
): Promise<unknown> {
  const { clock, log, pauses, settings } = deps;
  const { signal, meter, circuitPatienceMs } = options;
  const patientUntilMs = clock.monotonicMs() + circuitPatienceMs;
  await pauses.check(name);
  let failed: DrapeError | null = null;
  const work = pictureWorkOf(name, event, options.customerId);
  let deaths = options.deathsBefore ?? 0;
  const hooks: CallHooks = {
    ...(options.customerId === undefined ? {} : { customerId: options.customerId }),
    beforeCall: async () => options.beforeCall?.(failed),
    ...(meter === undefined ? {} : { meter }),
  };
  const policy: RetryPolicy = {
    runsMax: settings.retries.triesMax,
    baseMs: settings.retries.tryBackoffMs,
    signal,
    async isWorthIt(thrown) {
      if (thrown instanceof NeverSent || signal.aborted) return false;
      const error = asDrapeError(thrown);
      // It was tried and failed: that is what the attempt ends with, or a dead provider would be waited for
      // until the deadline by everybody who probes it.
      if (error.code === "CIRCUIT_OPEN" && failed !== null && circuitPatienceMs === 0) throw failed;
      if (ERRORS[error.code].outcome === "pause" && error.code !== "FUNCTION_PAUSED") {
        await noted(name, log, pauses.pause(name, error));
      }
      failed = error;
      if (work !== null && isDeath(error)) {
        deaths += 1;
        if (work.pictures > 1) return false;
        if (deaths >= DEATHS_MAX && !client.isOutage()) throw tooCostly(error);
      }
      return worthAnotherTry(error, options);
    },
    onAgain: (error, run) =>
      log.info("trying again", { function: name, try: run, code: asDrapeError(error).code }),
  };
  const result = await retry(deps, policy, () =>
    waitForCircuit(deps, { patientUntilMs, signal }, () => client.run(event, signal, hooks)),
  );
  await noted(name, log, pauses.clear(name));
  return result;
}

/** The first may have been chance, or the company of other pictures. */
const DEATHS_MAX = 2;

/** Whether an instance was killed or outlived by what it worked on. */
export function isDeath({ crash }: DrapeError): boolean {
  return crash === "killed" || crash === "timed-out";
}

function tooCostly(cause: DrapeError): DrapeError {
  const message =
    "It takes more time or memory to work on than one picture may: give a smaller one, or the same as a plain JPEG.";
  return new DrapeError("IMAGE_TOO_COSTLY", message, { ran: "yes", cause });
}

type CircuitWait = { readonly patientUntilMs: number; readonly signal: AbortSignal };

/** Calls again and again while the circuit is open, which is no try, until the patience ends. */
async function waitForCircuit(
  { clock, settings }: InvokerDeps,
  { patientUntilMs, signal }: CircuitWait,
  call: () => Promise<unknown>,
): Promise<unknown> {
  for (;;) {
    try {
      return await call();
    } catch (thrown) {
      if (thrown instanceof NeverSent) throw thrown;
      signal.throwIfAborted();
      const error = asDrapeError(thrown);
      if (error.code !== "CIRCUIT_OPEN" || clock.monotonicMs() >= patientUntilMs) throw error;
      await clock.sleep(Math.min(1_000, settings.circuits.circuitResetMs), signal);
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
  return options.repeatable || error.ran === "no";
}
