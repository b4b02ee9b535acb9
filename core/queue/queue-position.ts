import type { Deps, StoreParts } from "../deps.ts";
import type { QueueStore, QueueView } from "../ports/queue-store.ts";
import { etaOf, paceOf, type EtaSeconds } from "./eta.ts";
import { memoizeWithTtl } from "../resilience/memoize-with-ttl.ts";
import { TASK_TYPES, type Task, type TaskType } from "../model/task.ts";
import { readWorkerSlots } from "./worker-concurrency.ts";

/** Where a waiting task stands. */
export type QueuePlace = {
  /** How many tasks are before it: exact up to 1,000, an estimate beyond. */
  readonly position: number;
  readonly etaSeconds: EtaSeconds;
};

export interface QueuePlaces {
  /** Of those that wait; a task that runs or has ended has none. At most 101 tasks. */
  find(tasks: readonly Task[]): Promise<ReadonlyMap<string, QueuePlace>>;
  /** When a task would have ended that came now, behind all that wait. */
  expectNew(type: TaskType): Promise<EtaSeconds>;
  /** When it is worth asking again how a live task stands. */
  askAgainMs(task: Task, place: QueuePlace | undefined): Promise<number>;
}

type PlaceDeps = StoreParts<"queue" | "stats"> & Pick<Deps, "roster" | "clock" | "settings">;

const HEAD_MAX = 1_000;
/** However many ask, the queue is looked at once in this time: or less often, so that looking costs 2 % at most. */
const VIEW_LIFE_MS = 1_000;
const VIEW_COST_FACTOR = 50;
/** A task that is younger than the view is worth a new one after this time. */
const VIEW_AGE_MIN_MS = 100;
const PACE_LIFE_MS = 2_000;
const PACE_WINDOW_MS = 10 * 60_000;
const PACE_ENDS_MAX = 200;
const SLOTS_LIFE_MS = 5_000;
/** Until a worker has said how many: one with the default. */
const SLOTS_UNKNOWN = 8;
/** Somebody who waits asks about five times, and at least this often. */
const ASKS = 5;
const ASK_MIN_MS = 2_000;
const ASK_MAX_MS = 30_000;

/** Places of all waiting tasks from one view of the queue that this process keeps for a moment. */
export function createQueuePlaces({ store, roster, clock, settings }: PlaceDeps): QueuePlaces {
  const readPaces = memoizeWithTtl(
    async () => {
      const ends = await store.stats.recentEnds(PACE_WINDOW_MS, PACE_ENDS_MAX);
      return new Map(TASK_TYPES.map((type) => [type, paceOf(type, ends)]));
    },
    PACE_LIFE_MS,
    clock,
  );
  const paceFor = async (type: TaskType) => (await readPaces()).get(type) ?? paceOf(type, []);
  let slots = SLOTS_UNKNOWN;
  const readSlots = memoizeWithTtl(
    async () => {
      const said = await readWorkerSlots({ roster });
      if (said > 0) slots = said;
    },
    SLOTS_LIFE_MS,
    clock,
  );
  const lookAt = createViewer(store.queue, clock, settings.limits.queueLimit);

  return {
    async find(tasks) {
      const waiting = tasks.filter(({ status }) => status === "queued");
      if (waiting.length === 0) return new Map();
      // Nobody waits for a Redis that is away: the last number will do.
      void readSlots().catch(() => undefined);
      const view = await lookAt(waiting);
      const beyond = waiting.filter(({ id }) => !view.places.has(id));
      const keys =
        view.head.length < HEAD_MAX
          ? new Map()
          : await store.queue.keysOf(beyond.map(({ id }) => id));
      const places = await Promise.all(
        waiting.map(async (task): Promise<[string, QueuePlace]> => {
          const position = view.places.get(task.id) ?? estimate(view, keys.get(task.id));
          const delayMs = Math.max(0, task.availableAtMs - clock.nowMs());
          const load = { position, running: view.running, slots, delayMs };
          return [task.id, { position, etaSeconds: etaOf(await paceFor(task.type), load) }];
        }),
      );
      return new Map(places);
    },
    async expectNew(type) {
      void readSlots().catch(() => undefined);
      const view = await lookAt([]);
      const load = { position: view.depth, running: view.running, slots, delayMs: 0 };
      return etaOf(await paceFor(type), load);
    },
    async askAgainMs(task, place) {
      const { runMs } = await paceFor(task.type);
      const runningForMs = clock.nowMs() - (task.startedAtMs ?? clock.nowMs());
      const expectedMs =
        place === undefined ? Math.max(0, runMs.p50 - runningForMs) : place.etaSeconds.p50 * 1_000;
      return Math.min(ASK_MAX_MS, Math.max(ASK_MIN_MS, expectedMs / ASKS));
    },
  };
}

type View = QueueView & { readonly places: ReadonlyMap<string, number> };

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
      const view = { ...seen, places: new Map(seen.head.map((id, place) => [id, place])) };
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
      const lacksOne = view.head.length < HEAD_MAX && tasks.some(({ id }) => !view.places.has(id));
      if (ageMs < (lacksOne ? Math.min(lifeMs, VIEW_AGE_MIN_MS) : lifeMs)) return view;
    }
    underWay ??= look();
    return underWay;
  };
}
