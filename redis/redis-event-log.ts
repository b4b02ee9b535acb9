import type { Redis } from "ioredis";
import { DrapeError } from "../core/model/errors.ts";
import type { Clock } from "../core/ports/clock.ts";
import { BEFORE_FIRST_EVENT, EVENT_LOG_LIMITS, type EventLog } from "../core/ports/event-log.ts";
import {
  compareEventIds,
  parseEventId,
  type EventId,
  type LoggedEvent,
  type TaskEvent,
} from "../core/model/task-events.ts";
import type { Outage } from "./outage.ts";
import type { Subscriber } from "./subscriber.ts";

/** How long a wait lasts when nothing could wake it, and when a wake-up may have been lost. */
const BLIND_WAIT_MS = 1_000;
const WAIT_MAX_MS = 30_000;
const FIELD = "e";

type EventLogDeps = {
  readonly redis: Redis;
  readonly subscriber: Subscriber;
  readonly outage: Outage;
  readonly clock: Pick<Clock, "sleep">;
};

/**
 * Event streams in Redis, one a task. `append` and `read` throw UNAVAILABLE when Redis is away; `wait` then ends after
 * 1 s. Every append is also published, with the task's id alone, to one channel that each waiting process hears once:
 * a wait costs one read and no connection, however many tasks are waited for.
 */
export class RedisEventLog implements EventLog {
  readonly #redis: Redis;
  readonly #subscriber: Subscriber;
  readonly #outage: Outage;
  readonly #clock: Pick<Clock, "sleep">;
  readonly #prefix: string;
  readonly #channel: string;
  readonly #waiting = new Map<string, Set<() => void>>();
  #listening: Promise<boolean> | null = null;

  constructor({ redis, subscriber, outage, clock }: EventLogDeps, prefix: string) {
    this.#redis = redis;
    this.#subscriber = subscriber;
    this.#outage = outage;
    this.#clock = clock;
    this.#prefix = prefix;
    this.#channel = `${prefix}:task-news`;
    subscriber.onBack(() => this.#notifyAll());
  }

  async append(taskId: string, version: number, events: readonly TaskEvent[]): Promise<void> {
    const key = this.#keyOf(taskId);
    // One transaction: no other version may come between the events of this one.
    const write = this.#redis.multi();
    events.forEach((event, index) => {
      const id: EventId = `${version}-${index + 1}`;
      const max = EVENT_LOG_LIMITS.eventsPerTaskMax;
      write.xadd(key, "MAXLEN", max, id, FIELD, JSON.stringify(event));
    });
    write.pexpire(key, EVENT_LOG_LIMITS.lifeMs);
    write.publish(this.#channel, taskId);
    await this.#outage.attempt(async () => {
      const replies = (await write.exec()) ?? [];
      const failure = replies.find(([error]) => error !== null && !isLate(error));
      if (failure !== undefined) throw failure[0];
    });
  }

  async read(taskId: string, afterId: string): Promise<readonly LoggedEvent[]> {
    const max = EVENT_LOG_LIMITS.eventsPerTaskMax;
    const rows = await this.#outage.attempt(() =>
      this.#redis.xrange(this.#keyOf(taskId), `(${afterId}`, "+", "COUNT", max),
    );
    return rows.map(loggedEvent);
  }

  async wait(taskId: string, afterId: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const woken = new AbortController();
    const notify = () => woken.abort();
    const leave = this.#enter(taskId, notify);
    signal.addEventListener("abort", notify, { once: true });
    try {
      // Listening first, looking second: an event between the two is not missed.
      this.#listening ??= this.#subscriber.listen(this.#channel, (id) => this.#notify(id));
      await this.#listening;
      const newer = await this.#isNewer(taskId, afterId);
      if (newer === true) return;
      const blind = newer === "unknown" || !this.#subscriber.hears(this.#channel);
      const waitMs = blind ? BLIND_WAIT_MS : WAIT_MAX_MS;
      await this.#clock.sleep(waitMs, woken.signal).catch(() => undefined);
    } finally {
      leave();
      signal.removeEventListener("abort", notify);
    }
  }

  async close(): Promise<void> {
    this.#notifyAll();
  }

  async #isNewer(taskId: string, afterId: string): Promise<boolean | "unknown"> {
    try {
      const newest = await this.#outage.attempt(() =>
        this.#redis.xrevrange(this.#keyOf(taskId), "+", "-", "COUNT", 1),
      );
      return compareEventIds(newest[0]?.[0] ?? BEFORE_FIRST_EVENT, afterId) > 0;
    } catch {
      return "unknown";
    }
  }

  #enter(taskId: string, notify: () => void): () => void {
    const wakers = this.#waiting.get(taskId) ?? new Set();
    this.#waiting.set(taskId, wakers.add(notify));
    return () => {
      wakers.delete(notify);
      if (wakers.size === 0) this.#waiting.delete(taskId);
    };
  }

  #notify(taskId: string): void {
    for (const notify of this.#waiting.get(taskId) ?? []) notify();
  }

  #notifyAll(): void {
    for (const taskId of this.#waiting.keys()) this.#notify(taskId);
  }

  #keyOf(taskId: string): string {
    return `${this.#prefix}:events:${taskId}`;
  }
}

/** Redis itself refuses what is not above the newest id. */
function isLate(error: Error): boolean {
  return error.message.includes("equal or smaller than the target stream top item");
}

function loggedEvent([id, fields]: [string, string[]]): LoggedEvent {
  const position = parseEventId(id);
  const text = fields[1];
  if (position === null || text === undefined) {
    throw new DrapeError("INTERNAL", "An event cannot be read.");
  }
  // Written by `append` alone, under a prefix of our own.
  return { id: `${position.version}-${position.n}`, event: JSON.parse(text) as TaskEvent };
}
