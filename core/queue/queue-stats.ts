import type { Deps, StoreParts } from "../deps.ts";
import type { QueuePause } from "../ports/queue-store.ts";
import type { EndedTask, LiveCounts, TaskCount } from "../ports/stats-store.ts";
import { TASK_TYPES, type TaskType } from "../model/task.ts";
import { readWorkerConcurrency } from "./worker-concurrency.ts";

/** Milliseconds that half, nine tenths and all but one hundredth of the tasks took at most. */
export type Percentiles = { readonly p50: number; readonly p90: number; readonly p99: number };

type Latency = {
  readonly tasks: number;
  readonly queuedToEndMs: Percentiles;
  readonly startedToEndMs: Percentiles;
};

/** A day's ended tasks by state and type, or the newest of them. */
type EndedCounts = {
  /** Counted up to 100,000. */
  readonly count: number;
  readonly tallies: readonly TaskCount[];
  readonly sampled: number;
  /** False: `tallies` are of the newest `sampled` only, the oldest of which ended at `sinceMs`. */
  readonly complete: boolean;
  readonly sinceMs: number | null;
};

export type QueueStats = {
  readonly nowMs: number;
  readonly pause: QueuePause | null;
  /** Counted up to 100,000. */
  readonly waiting: number;
  readonly live: LiveCounts;
  readonly ended: EndedCounts;
  /** Tasks that ended, per minute. */
  readonly throughput: { readonly last5Minutes: number; readonly last60Minutes: number };
  /**
   * Of the last hour's tasks that were not canceled: the share that delivered all or some. Null when there is none. It
   * and the latencies are of those that are in the day's sample.
   */
  readonly successRate: number | null;
  /** Of the last hour's tasks that delivered something. */
  readonly latency: Partial<Record<TaskType, Latency>>;
  readonly workerConcurrency: number;
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Counts that need an index alone, and reads of whole rows. */
const COUNT_MAX = 100_000;
const SAMPLE_MAX = 2_000;

/** The queue and its last day as an operator wants to see them; bounded reads, however many tasks there are. */
export async function readQueueStats({
  store,
  registry,
}: StoreParts<"nowMs" | "queue" | "stats"> & Pick<Deps, "registry">): Promise<QueueStats> {
  const [nowMs, pause, waiting, live, counts, sample, workerConcurrency] = await Promise.all([
    store.nowMs(),
    store.queue.findPause(),
    store.queue.countQueued(COUNT_MAX),
    store.stats.countByState(SAMPLE_MAX),
    Promise.all(
      [5 * MINUTE_MS, HOUR_MS, DAY_MS].map((ms) => store.stats.countEnded(ms, COUNT_MAX)),
    ),
    store.stats.recentEnds(DAY_MS, SAMPLE_MAX),
    readWorkerConcurrency({ registry }),
  ]);
  const [last5 = 0, last60 = 0, day = 0] = counts;
  const lately = sample.filter(({ finishedAtMs }) => finishedAtMs > nowMs - HOUR_MS);
  return {
    nowMs,
    pause,
    waiting,
    live,
    ended: {
      count: day,
      tallies: countsOf(sample),
      sampled: sample.length,
      complete: sample.length < SAMPLE_MAX,
      sinceMs: sample.at(-1)?.finishedAtMs ?? null,
    },
    throughput: { last5Minutes: last5 / 5, last60Minutes: last60 / 60 },
    successRate: successRateOf(lately),
    latency: latencyOf(lately),
    workerConcurrency,
  };
}

function countsOf(tasks: readonly EndedTask[]): TaskCount[] {
  const groups = Map.groupBy(tasks, ({ type, status }) => `${type} ${status}`);
  return [...groups.values()]
    .flatMap(([first, ...others]) =>
      first === undefined
        ? []
        : [{ type: first.type, status: first.status, count: 1 + others.length }],
    )
    .sort((a, b) => a.type.localeCompare(b.type) || a.status.localeCompare(b.status));
}

/** Whether the task brought its customer anything. */
export const delivered = ({ status }: EndedTask) => status === "succeeded" || status === "partial";

function successRateOf(tasks: readonly EndedTask[]): number | null {
  const meant = tasks.filter(({ status }) => status !== "canceled");
  return meant.length === 0 ? null : meant.filter(delivered).length / meant.length;
}

function latencyOf(tasks: readonly EndedTask[]): Partial<Record<TaskType, Latency>> {
  const entries = TASK_TYPES.flatMap((type): [TaskType, Latency][] => {
    const ended = tasks.filter((task) => task.type === type && delivered(task));
    if (ended.length === 0) return [];
    const tookFrom = (startOf: (task: EndedTask) => number) =>
      percentilesOf(ended.map((task) => task.finishedAtMs - startOf(task)));
    const queuedToEndMs = tookFrom(({ createdAtMs }) => createdAtMs);
    const startedToEndMs = tookFrom((task) => task.startedAtMs ?? task.createdAtMs);
    return [[type, { tasks: ended.length, queuedToEndMs, startedToEndMs }]];
  });
  return Object.fromEntries(entries);
}

/** The smallest value that so many are not above. */
export function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}
