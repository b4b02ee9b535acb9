import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import type { Job, TaskQueue } from "../core/ports/task-queue.ts";
import type { Priority } from "../core/model/task.ts";
import type { Outage } from "./outage.ts";

/** The BullMQ queue's name below the prefix. */
export const QUEUE_NAME = "tasks";

/** Never 0, which BullMQ runs before all others. */
export const BULL_PRIORITIES: Readonly<Record<Priority, number>> = { high: 1, normal: 2, low: 3 };

/** All that a job holds beside its id; the truth is in the database. */
export type BullData = { readonly taskId: string };

// A retained id would swallow the sweep's re-add, and retries are the database's: BullMQ keeps and repeats nothing.
const JOB_OPTIONS = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;
/** BullMQ writes an event for each move of a job; nobody reads them here. */
const BULL_EVENTS_MAX = 100;

/** A TaskQueue on BullMQ. Throws UNAVAILABLE within 1 s when Redis is away, full or silent. */
export class BullQueue implements TaskQueue {
  readonly #queue: Queue<BullData>;
  readonly #outage: Outage;

  /** `redis` must be a fast connection; it stays open at `close`. */
  constructor(redis: Redis, outage: Outage, prefix: string) {
    this.#outage = outage;
    this.#queue = new Queue<BullData>(QUEUE_NAME, {
      connection: redis,
      prefix,
      // Without the first an add waits for Redis to come back. Without the second a queue that was made while Redis was
      // away would fail for ever: it keeps the outcome of its one version check.
      skipWaitingForReady: true,
      skipVersionCheck: true,
      streams: { events: { maxLen: BULL_EVENTS_MAX } },
    });
    // The connection's own listeners tell the log.
    this.#queue.on("error", () => undefined);
  }

  async add(jobs: readonly Job[]): Promise<void> {
    if (jobs.length === 0) return;
    const bulk = jobs.map(({ id, taskId, priority }) => ({
      name: "task",
      data: { taskId },
      opts: { ...JOB_OPTIONS, jobId: id, priority: BULL_PRIORITIES[priority] },
    }));
    await this.#outage.attempt(() => this.#queue.addBulk(bulk));
  }

  async waiting(): Promise<number> {
    return this.#outage.attempt(() => this.#queue.getJobCountByTypes("waiting", "prioritized"));
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }
}
