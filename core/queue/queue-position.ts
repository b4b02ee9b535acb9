import type { Deps, StoreParts } from "../deps.ts";
import type { QueueStore, QueueView } from "../ports/queue-store.ts";
import { etaOf, throughputOf, type EtaSeconds, type Waiting } from "./eta.ts";
import type { QueueBlock, QueueBlocks } from "./queue-blocks.ts";
import { memoizeWithTtl } from "../resilience/memoize-with-ttl.ts";
import { TASK_TYPES, type Task, type TaskType } from "../model/task.ts";
import { readWorkerConcurrency } from "./worker-concurrency.ts";

/** Where a waiting task stands. */
export type QueuePosition = {
  /** How many tasks are before it: exact up to 1,000, an estimate beyond. */
  readonly position: number;
  /** Null while something keeps tasks of its type from going on: nobody knows for how long. */
  readonly etaSeconds: EtaSeconds | null;
  readonly blockedBy: QueueBlock | null;
};

/** When a task would have ended that came now, behind all that wait; null while something is in its way. */
export type Expectation = Pick<QueuePosition, "etaSeconds" | "blockedBy">;

export interface QueuePositions {
  /** Of those that wait; a task that runs or has ended has none. At most 101 tasks. */
  find(tasks: readonly Task[]): Promise<ReadonlyMap<string, QueuePosition>>;
  expectNew(type: TaskType): Promise<Expectation>;
  /** When it is worth asking again how a live task stands. */
  pollAgainMs(task: Task, queuePosition: QueuePosition | undefined): Promise<number>;
}

type PositionDeps = StoreParts<"queue" | "stats"> &
  Pick<Deps, "registry" | "clock" | "settings"> & { readonly blocks: QueueBlocks };

const HEAD_MAX = 1_000;
/** However many ask, the queue is looked at once in this time: or less often, so that looking costs 2 % at most. */
const VIEW_LIFE_MS = 1_000;
const VIEW_COST_FACTOR = 50;
/** A task that is younger than the view is worth a new one after this time. */
const VIEW_AGE_MIN_MS = 100;
const THROUGHPUT_LIFE_MS = 2_000;
const THROUGHPUT_WINDOW_MS = 10 * 60_000;
const THROUGHPUT_ENDS_MAX = 200;
const CONCURRENCY_LIFE_MS = 5_000;
/** Until a worker has said how many: one with the default. */
const CONCURRENCY_UNKNOWN = 8;
/** Somebody who waits polls about five times, and at least this often. */
const POLLS = 5;
const POLL_MIN_MS = 2_000;
const POLL_MAX_MS = 30_000;
/** What is in the way may go at any moment. */
const BLOCKED_POLL_S = 10;

/** Positions of all waiting tasks from one view of the queue that this process keeps for a moment. */
export function createQueuePositions({
  store,
  registry,
  clock,
  settings,
  blocks,
}: PositionDeps): QueuePositions {
  const readThroughputs = memoizeWithTtl(
    async () => {
      const ends = await store.stats.recentEnds(THROUGHPUT_WINDOW_MS, THROUGHPUT_ENDS_MAX);
      return new Map(TASK_TYPES.map((type) => [type, throughputOf(type, ends)]));
    },
    THROUGHPUT_LIFE_MS,
    clock,
  );
  const throughputFor = async (type: TaskType) =>
    (await readThroughputs()).get(type) ?? throughputOf(type, []);
  let concurrency = CONCURRENCY_UNKNOWN;
  const readConcurrency = memoizeWithTtl(
    async () => {
      const said = await readWorkerConcurrency({ registry });
      if (said > 0) concurrency = said;
    },
    CONCURRENCY_LIFE_MS,
    clock,
  );
  const expect = async (type: TaskType, load: Waiting): Promise<Expectation> => {
    const blockedBy = await blocks.find(type);
    const etaSeconds = blockedBy === null ? etaOf(await throughputFor(type), load) : null;
    return { etaSeconds, blockedBy };
  };
  const lookAt = createViewer(store.queue, clock, settings.limits.queueLimit);

  return {
    async find(tasks) {
      const waiting = tasks.filter(({ status }) => status === "queued");
      if (waiting.length === 0) return new Map();
      // Nobody waits for a Redis that is away: the last number will do.
      void readConcurrency().catch(() => undefined);
      const view = await lookAt(waiting);
      const beyond = waiting.filter(({ id }) => !view.positions.has(id));
      const keys =
        view.head.length < HEAD_MAX
          ? new Map()
          : await store.queue.keysOf(beyond.map(({ id }) => id));
      const positions = await Promise.all(
        waiting.map(async (task): Promise<[string, QueuePosition]> => {
          const position = view.positions.get(task.id) ?? estimate(view, keys.get(task.id));
          const delayMs = Math.max(0, task.availableAtMs - clock.nowMs());
          const load = { position, running: view.running, concurrency, delayMs };
          return [task.id, { position, ...(await expect(task.type, load)) }];
        }),
      );
      return new Map(positions);
    },
    async expectNew(type) {
      void readConcurrency().catch(() => undefined);
      const view = await lookAt([]);
      const load = { position: view.depth, running: view.running, concurrency, delayMs: 0 };
      return expect(type, load);
    },
    async pollAgainMs(task, queuePosition) {
      const { runMs } = await throughputFor(task.type);
      const runningForMs = clock.nowMs() - (task.startedAtMs ?? clock.nowMs());
      const expectedMs =
        queuePosition === undefined
          ? Math.max(0, runMs.p50 - runningForMs)
          : (queuePosition.etaSeconds?.p50 ?? BLOCKED_POLL_S * POLLS) * 1_000;
      return Math.min(POLL_MAX_MS, Math.max(POLL_MIN_MS, expectedMs / POLLS));
    },
  };
}

type View = QueueView & { readonly positions: ReadonlyMap<string, number> };

/**
 * Beyond the head the tasks lie between two keys: by the part of the way from one to the other. One that is in no view
 * yet, or has just been taken, counts as the last.
 */
function estimate({ head, depth, headKey, lastKey }: View, key: number | undefined): number {
  if (key === undefined || lastKey <= headKey) return Math.max(head.length, depth - 1);
  const part = Math.min(1, Math.max(0, (key - headKey) / (lastKey - headKey)));
  return Math.round(head.length + part * Math.max(0, depth - 1 - head.length));
}

/** One view for all who ask, anew when it is old, or when it is too old to know one of the tasks. */
function createViewer(
  queue: Pick<QueueStore, "view">,
  clock: Pick<Deps["clock"], "monotonicMs">,
  depthMax: number,
): (tasks: readonly Task[]) => Promise<View> {
  let kept: { readonly view: View; readonly atMs: number; readonly lifeMs: number } | null = null;
  let underWay: Promise<View> | null = null;

  async function look(): Promise<View> {
    const startedMs = clock.monotonicMs();
    try {
      const seen = await queue.view({ headMax: HEAD_MAX, depthMax });
      const view = { ...seen, positions: new Map(seen.head.map((id, index) => [id, index])) };
      const costMs = clock.monotonicMs() - startedMs;
      const lifeMs = Math.max(VIEW_LIFE_MS, costMs * VIEW_COST_FACTOR);
      kept = { view, atMs: clock.monotonicMs(), lifeMs };
      return view;
    } finally {
      underWay = null;
    }
  }

  return async (tasks) => {
    if (kept !== null) {
      const { view, atMs, lifeMs } = kept;
      const ageMs = clock.monotonicMs() - atMs;
      const lacksOne =
        view.head.length < HEAD_MAX && tasks.some(({ id }) => !view.positions.has(id));
      if (ageMs < (lacksOne ? Math.min(lifeMs, VIEW_AGE_MIN_MS) : lifeMs)) return view;
    }
    underWay ??= look();
    return underWay;
  };
}
