import { Worker, type Job as BullJob } from "bullmq";
import type { Redis } from "ioredis";
import { DrapeError } from "../core/model/errors.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import type { Job, JobHandler, TaskConsumer } from "../core/ports/task-queue.ts";
import type { Priority } from "../core/model/task.ts";
import { withTimeout } from "../core/resilience/with-timeout.ts";
import { BULL_PRIORITIES, QUEUE_NAME, type BullData } from "./bull-queue.ts";

export type BullConsumerOptions = {
  readonly prefix: string;
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
  /** At most so many jobs a span, by all consumers of the queue together. */
  readonly rateLimit?: { readonly max: number; readonly durationMs: number };
  /** A consumer that was not heard of for so long has lost its jobs; 15 s. */
  readonly lockMs?: number;
  /** How often lost jobs are looked for; 5 s. */
  readonly stalledCheckMs?: number;
};

const LOCK_MS = 15_000;
const STALLED_CHECK_MS = 5_000;
/** Crashes are counted in the database; BullMQ must never give a job up. */
const STALLED_MAX = 1_000_000;
/** Redis' answer to the last moves at a stop. */
const CLOSE_LIMIT_MS = 1_000;
const ERROR_LOG_EVERY_MS = 10_000;

/**
 * A TaskConsumer on BullMQ. A job of a consumer that vanished comes to another one after `lockMs` and up to two checks;
 * a job may so run twice at a time, which is harmless: the claim in the database decides. While Redis is away it waits.
 */
export class BullConsumer implements TaskConsumer {
  readonly #connect: () => Redis;
  readonly #log: Log;
  readonly #options: BullConsumerOptions;
  readonly #connections: Redis[] = [];
  readonly #aborts = new Set<AbortController>();
  readonly #running = new Set<Promise<void>>();
  #worker: Worker<BullData> | null = null;
  #stopped: DrapeError | null = null;
  #stopping: Promise<void> | null = null;
  #done = 0;
  #lastErrorMs = 0;

  /** `connect` makes a waiting connection; it is called at `start`, so that a process that only adds has none. */
  constructor(connect: () => Redis, log: Log, options: BullConsumerOptions) {
    this.#connect = connect;
    this.#log = log;
    this.#options = options;
  }

  start(handler: JobHandler, concurrency: number): void {
    if (this.#worker !== null) throw new Error("the consumer was started already");
    const { prefix, rateLimit, lockMs, stalledCheckMs } = this.#options;
    const worker = new Worker<BullData>(QUEUE_NAME, (job) => this.#take(job, handler), {
      connection: this.#connection(),
      prefix,
      concurrency,
      lockDuration: lockMs ?? LOCK_MS,
      stalledInterval: stalledCheckMs ?? STALLED_CHECK_MS,
      maxStalledCount: STALLED_MAX,
      ...(rateLimit === undefined
        ? {}
        : { limiter: { max: rateLimit.max, duration: rateLimit.durationMs } }),
    });
    worker.on("error", (error) => this.#bookkeepingFailed(error));
    this.#worker = worker;
  }

  /** Waits `graceMs` for the handlers and 1 s more for Redis; then closes by force. */
  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#stop(graceMs);
    return this.#stopping;
  }

  async #stop(graceMs: number): Promise<void> {
    const worker = this.#worker;
    this.#stopped = new DrapeError("SHUTTING_DOWN", "The worker is stopping.");
    if (worker === null) return;
    void worker.pause(true);
    for (const abort of this.#aborts) abort.abort(this.#stopped);
    const settled = await this.#within(graceMs, Promise.allSettled(this.#running));
    await this.#within(CLOSE_LIMIT_MS, worker.close(!settled));
    for (const connection of this.#connections) connection.disconnect();
  }

  /** Jobs that this process has run to their end, well or not. */
  jobsDone(): number {
    return this.#done;
  }

  /** The worker's connection. BullMQ duplicates it for its blocking reads; both are kept, so that a stop can end them. */
  #connection(): Redis {
    const connection = this.#connect();
    const duplicate = connection.duplicate.bind(connection);
    connection.duplicate = (override) => {
      const copy = duplicate(override);
      // The worker's error listener tells of it.
      this.#connections.push(copy);
      return copy;
    };
    this.#connections.push(connection);
    return connection;
  }

  /** Never rejects: BullMQ is to know of no failure. */
  async #take({ id, data, opts }: BullJob<BullData>, handler: JobHandler): Promise<void> {
    // Fetched in the moment of the stop: dropped here, and sent again by the sweep.
    if (this.#stopped !== null) return;
    const job: Job = { id: id ?? "", taskId: data.taskId, priority: priorityOf(opts.priority) };
    // One signal a job: a signal that lives as long as the process would gather the listeners of all its jobs.
    const abort = new AbortController();
    const work = this.#run(job, handler, abort.signal);
    this.#aborts.add(abort);
    this.#running.add(work);
    await work;
    this.#aborts.delete(abort);
    this.#running.delete(work);
    this.#done += 1;
  }

  async #run(job: Job, handler: JobHandler, signal: AbortSignal): Promise<void> {
    try {
      await handler(job, signal);
    } catch (error) {
      this.#log.failure("job handler failed", error, { job: job.id });
    }
  }

  /**
   * A lost lock, a job that Redis forgot, a refused command: the database heals them all. Logged every 10 s at most.
   */
  #bookkeepingFailed(error: Error): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#lastErrorMs > 0 && nowMs - this.#lastErrorMs < ERROR_LOG_EVERY_MS) return;
    this.#lastErrorMs = nowMs;
    this.#log.failure("the queue's bookkeeping failed; the sweep will mend it", error);
  }

  /** Whether `work` ended in time, well or not. */
  #within(limitMs: number, work: Promise<unknown>): Promise<boolean> {
    const ended = work.then(
      () => true,
      () => true,
    );
    return withTimeout(this.#options.clock, limitMs, ended, () => false);
  }
}

function priorityOf(number: number | undefined): Priority {
  if (number === BULL_PRIORITIES.high) return "high";
  return number === BULL_PRIORITIES.low ? "low" : "normal";
}
