import type { EndedTask } from "../ports/stats-store.ts";
import { delivered, percentilesOf } from "./queue-stats.ts";
import type { TaskType } from "../model/task.ts";

/** How fast tasks of a type are done, as the last minutes show it. */
export type QueueThroughput = {
  readonly meanRunMs: number;
  readonly runMs: { readonly p50: number; readonly p90: number };
};

/** Fewer runs than this are no history. */
const RUNS_MIN = 3;

/** What is said as long as there is no history: a picture takes a provider 10 to 30 s. */
const UNKNOWN: Record<TaskType, QueueThroughput> = {
  FULL_GENERATION: throughputGuess(30_000, 90_000),
  PREPROCESS_ONLY: throughputGuess(5_000, 15_000),
  PROMPT_ONLY: throughputGuess(10_000, 30_000),
  GENERATE_ONLY: throughputGuess(25_000, 80_000),
};

/** From the first start to the end, of those of the type that delivered something. */
export function throughputOf(type: TaskType, ends: readonly EndedTask[]): QueueThroughput {
  const runs = ends.flatMap((task) =>
    task.type === type && delivered(task) && task.startedAtMs !== null
      ? [task.finishedAtMs - task.startedAtMs]
      : [],
  );
  if (runs.length < RUNS_MIN) return UNKNOWN[type];
  const sumMs = runs.reduce((total, runMs) => total + runMs, 0);
  return { meanRunMs: sumMs / runs.length, runMs: percentilesOf(runs) };
}

/** Seconds until a waiting task has ended. */
export type EtaSeconds = { readonly p50: number; readonly p90: number };

export type Waiting = {
  /** Tasks before it. */
  readonly position: number;
  readonly running: number;
  /** Tasks that all workers run at a time. */
  readonly concurrency: number;
  /** Until it may be taken at all, after a failed attempt. */
  readonly delayMs: number;
};

/** Others that come later and go first, and paths longer than the usual, in the slow tenth. */
const WAIT_P90 = 1.5;

/**
 * The time until a slot is this task's turn (those before it, spread over the slots at the mean run time; none while a
 * slot is free) and then its own run: as usual, and as the slow tenth. It knows nothing of who will come and go
 * first, nor of a provider that has just stopped: it follows the runs that have ended.
 */
export function etaOf(
  { meanRunMs, runMs }: QueueThroughput,
  { position, running, concurrency, delayMs }: Waiting,
): EtaSeconds {
  const turns = Math.max(0, position + 1 - Math.max(0, concurrency - running));
  const waitMs = Math.max(delayMs, (turns * meanRunMs) / Math.max(1, concurrency));
  return {
    p50: wireSeconds(waitMs + runMs.p50),
    p90: wireSeconds(waitMs * WAIT_P90 + runMs.p90),
  };
}

/** Tenths below 10 s, whole seconds above. */
function wireSeconds(ms: number): number {
  return ms < 10_000 ? Math.ceil(ms / 100) / 10 : Math.ceil(ms / 1_000);
}

function throughputGuess(p50: number, p90: number): QueueThroughput {
  return { meanRunMs: p50, runMs: { p50, p90 } };
}
