import type { Cache } from "../core/ports/cache.ts";
import type { EventLog } from "../core/ports/event-log.ts";
import type { Broadcast } from "../core/ports/broadcast.ts";
import type { RateLimiter } from "../core/ports/rate-limiter.ts";
import type { ProcessRegistry } from "../core/ports/process-registry.ts";
import type { Semaphore } from "../core/ports/semaphore.ts";
import type { TaskConsumer, TaskQueue } from "../core/ports/task-queue.ts";

/** A consumer that can tell how many jobs this process has run. */
export type CountingConsumer = TaskConsumer & { jobsDone(): number };

/** Everything that Redis does for a process, or the adapters in memory: what the mains hand to the use cases. */
export type RedisAdapters = {
  readonly queue: TaskQueue;
  readonly consumer: CountingConsumer;
  readonly events: EventLog;
  readonly cache: Cache;
  readonly rateLimiter: RateLimiter;
  readonly semaphore: Semaphore;
  readonly registry: ProcessRegistry;
  readonly broadcast: Broadcast;
  /** Redis' version; null when everything is in memory. */
  readonly version: string | null;
  /** Returns when Redis answers, throws UNAVAILABLE within 1 s when it does not. */
  ping(): Promise<void>;
  /** Closes all, last: stop the consumer with its grace first, else its jobs are cut off here. */
  close(): Promise<void>;
};
