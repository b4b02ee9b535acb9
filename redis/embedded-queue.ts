import type { Job, JobHandler, TaskQueue } from "../core/ports/task-queue.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import { DrapeError } from "../core/model/errors.ts";
import { withTimeout } from "../core/resilience/with-timeout.ts";
import type { Priority } from "../core/model/task.ts";
import type { CountingConsumer } from "./redis-adapters.ts";

const ORDER: readonly Priority[] = ["high", "normal", "low"];
/** The dispatch window keeps the queue far below this; more means that something runs wild. */
const HELD_MAX = 10_000;

/**
 * Queue and consumer in one process's memory. It forgets at a restart, as Redis may: the sweep brings every
 * sent task back from the database.
 */
export class EmbeddedQueue implements TaskQueue, CountingConsumer {
  readonly #log: Log;
  readonly #clock: Pick<Clock, "sleep">;
  readonly #waiting = new Map<Priority, Job[]>(ORDER.map((priority) => [priority, []]));
  readonly #held = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #handler: JobHandler | null = null;
  #concurrency = 0;
  #done = 0;

  constructor(log: Log, clock: Pick<Clock, "sleep">) {
    this.#log = log;
    this.#clock = clock;
  }

  async add(jobs: readonly Job[]): Promise<void> {
    for (const job of jobs) {
      if (this.#held.has(job.id)) continue;
      if (this.#held.size >= HELD_MAX) {
        throw new DrapeError("UNAVAILABLE", "The queue is full: try again in a moment.");
      }
      this.#held.add(job.id);
      this.#waiting.get(job.priority)?.push(job);
    }
    this.#take();
  }

  async waiting(): Promise<number> {
    return ORDER.reduce((sum, priority) => sum + (this.#waiting.get(priority)?.length ?? 0), 0);
  }

  start(handler: JobHandler, concurrency: number): void {
    this.#handler = handler;
    this.#concurrency = concurrency;
    this.#take();
  }

  /** Jobs that this process has run to their end, well or not. */
  jobsDone(): number {
    return this.#done;
  }

  async stop(graceMs: number): Promise<void> {
    this.#handler = null;
    this.#stopping.abort(new DrapeError("SHUTTING_DOWN", "The worker is stopping."));
    const ended = Promise.allSettled(this.#running);
    await withTimeout(this.#clock, graceMs, ended, () => undefined);
  }

  async close(): Promise<void> {
    await this.stop(0);
  }

  #take(): void {
    while (this.#handler !== null && this.#running.size < this.#concurrency) {
      const job = this.#next();
      if (job === undefined) return;
      const work = this.#run(job, this.#handler);
      this.#running.add(work);
      void work.finally(() => {
        this.#running.delete(work);
        this.#take();
      });
    }
  }

  #next(): Job | undefined {
    for (const priority of ORDER) {
      const job = this.#waiting.get(priority)?.shift();
      if (job !== undefined) return job;
    }
    return undefined;
  }

  async #run(job: Job, handler: JobHandler): Promise<void> {
    try {
      await handler(job, this.#stopping.signal);
    } catch (error) {
      this.#log.failure("job handler failed", error, { job: job.id });
    } finally {
      this.#held.delete(job.id);
      this.#done += 1;
    }
  }
}
