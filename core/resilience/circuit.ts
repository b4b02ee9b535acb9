import CircuitBreaker from "opossum";
import { DrapeError, ERRORS } from "../model/errors.ts";
import type { Log } from "../ports/log.ts";

export type CircuitState = "closed" | "open" | "half-open";

/** One dependency's circuit in one process. */
export interface PortCircuit {
  /** Runs `work`; throws UNAVAILABLE at once, without running it, while the circuit is open. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** The same for work that memory may answer: its failure counts, while its success says nothing. */
  runFromMemory<T>(work: () => Promise<T>): Promise<T>;
  state(): CircuitState;
}

type CircuitOptions = {
  /** For people: "The <name> is resting after failures". */
  readonly name: string;
  readonly log: Pick<Log, "info">;
  /** How long it stays open before one call may look whether the dependency is healthy again. */
  readonly resetMs?: number;
  /** Opens after this many failures with no success between them, or when half of the calls of 10 s failed. */
  readonly failuresMax?: number;
};

/**
 * Only a failure counts (`isFailure`), and InconclusiveResult says nothing; every other end of a call, an error of the
 * client's included, shows the dependency alive and closes a half-open circuit. Timers do not keep the process alive.
 */
export function createPortCircuit(options: CircuitOptions): PortCircuit {
  const { name, log, resetMs = 1_000, failuresMax = 5 } = options;
  const call = (work: () => Promise<unknown>) => work();
  const breaker: CircuitBreaker<Parameters<typeof call>, unknown> = new CircuitBreaker(call, {
    timeout: false,
    errorFilter: (error: unknown) => passes(error, breaker, isFailure),
    errorThresholdPercentage: 50,
    volumeThreshold: failuresMax * 2,
    resetTimeout: resetMs,
    rollingCountTimeout: 10_000,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
  });
  openAfterRow(breaker, failuresMax);
  breaker.on("open", () => log.info("circuit opened", { dependency: name }));
  breaker.on("close", () => log.info("circuit closed", { dependency: name }));
  const openError = (): DrapeError =>
    new DrapeError("UNAVAILABLE", `The ${name} is resting after failures: try again in a moment.`, {
      retryAfterMs: resetMs,
    });
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    if (breaker.opened) throw openError();
    try {
      return (await breaker.fire(work)) as T; // the breaker gives back what `work` gives
    } catch (error) {
      throw isOpenCircuit(error) ? openError() : error;
    }
  };
  return {
    run,
    async runFromMemory(work) {
      if (breaker.opened) throw openError();
      try {
        return await work();
      } catch (error) {
        if (!isFailure(error)) throw error;
        return run(() => Promise.reject(error));
      }
    },
    state: () => circuitState(breaker),
  };
}

/** Whether an error shows the dependency away or failing, and not a mistake of the caller. */
function isFailure(error: unknown): boolean {
  if (error instanceof DrapeError) {
    return error.code === "UNAVAILABLE" || ERRORS[error.code].tripsCircuit;
  }
  return error instanceof Error && error.name === "TimeoutError";
}

// What every circuit shares, those of the functions too.

export function circuitState(breaker: Pick<CircuitBreaker, "opened" | "halfOpen">): CircuitState {
  return breaker.opened ? "open" : breaker.halfOpen ? "half-open" : "closed";
}

/** Whether a breaker threw it instead of calling. */
export function isOpenCircuit(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "EOPENBREAKER";
}

/** What kept a call from going out past the circuit, or ended it on our side: it says nothing about the other side. */
export class InconclusiveResult extends Error {}

/**
 * A breaker's `errorFilter`: what passes counts as a success. An inconclusive probe is none: the circuit stays open
 * once more.
 */
export function passes(
  error: unknown,
  breaker: Pick<CircuitBreaker, "halfOpen">,
  isFailing: (error: unknown) => boolean,
): boolean {
  return error instanceof InconclusiveResult ? !breaker.halfOpen : !isFailing(error);
}

/**
 * Opens the breaker after this many failures in a row, however well it went before: by the share alone, what went well
 * in its window would hide for seconds that nothing does any more. What is inconclusive breaks no row.
 */
export function openAfterRow(breaker: CircuitBreaker, failuresMax: number): void {
  let inARow = 0;
  breaker.on("success", (result) => {
    if (!(result instanceof InconclusiveResult)) inARow = 0;
  });
  breaker.on("failure", () => {
    inARow += 1;
    if (inARow >= failuresMax && !breaker.opened) breaker.open();
  });
}
