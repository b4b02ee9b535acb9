import { EventEmitter, once } from "node:events";
import type { Clock } from "../core/ports/clock.ts";
import { BEFORE_FIRST_EVENT, EVENT_LOG_LIMITS, type EventLog } from "../core/ports/event-log.ts";
import {
  compareEventIds,
  type EventId,
  type LoggedEvent,
  type TaskEvent,
} from "../core/model/task-events.ts";

type Stream = { events: LoggedEvent[]; expiresAtMs: number };
const STREAMS_MAX = 20_000;

/** Event streams in one process's memory, with the rules of Redis Streams: ids only grow. */
export class EmbeddedEventLog implements EventLog {
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #streams = new Map<string, Stream>();
  readonly #notifications = new EventEmitter().setMaxListeners(0);

  constructor(clock: Pick<Clock, "nowMs">) {
    this.#clock = clock;
  }

  async append(taskId: string, version: number, events: readonly TaskEvent[]): Promise<void> {
    const stream = this.#streamFor(taskId);
    events.forEach((event, index) => {
      const id: EventId = `${version}-${index + 1}`;
      const newest = stream.events.at(-1)?.id ?? BEFORE_FIRST_EVENT;
      if (compareEventIds(id, newest) > 0) stream.events.push({ id, event });
    });
    const surplus = stream.events.length - EVENT_LOG_LIMITS.eventsPerTaskMax;
    if (surplus > 0) stream.events.splice(0, surplus);
    this.#notifications.emit(taskId);
  }

  async read(taskId: string, afterId: string): Promise<readonly LoggedEvent[]> {
    return this.#eventsOf(taskId).filter(({ id }) => compareEventIds(id, afterId) > 0);
  }

  async wait(taskId: string, afterId: string, signal: AbortSignal): Promise<void> {
    const newest = this.#eventsOf(taskId).at(-1)?.id ?? BEFORE_FIRST_EVENT;
    if (compareEventIds(newest, afterId) > 0 || signal.aborted) return;
    // An aborted signal ends the wait; that is no error here.
    await once(this.#notifications, taskId, { signal }).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#notifications.removeAllListeners();
  }

  /** None once they have expired: a wait shall not end for what no read gives. */
  #eventsOf(taskId: string): readonly LoggedEvent[] {
    const stream = this.#streams.get(taskId);
    return stream === undefined || stream.expiresAtMs <= this.#clock.nowMs() ? [] : stream.events;
  }

  #streamFor(taskId: string): Stream {
    const expiresAtMs = this.#clock.nowMs() + EVENT_LOG_LIMITS.lifeMs;
    const stream = this.#streams.get(taskId) ?? { events: [], expiresAtMs };
    stream.expiresAtMs = expiresAtMs;
    // The map keeps its order of insertion: the first is the one not written to for longest.
    this.#streams.delete(taskId);
    this.#streams.set(taskId, stream);
    for (const [oldest, { expiresAtMs: endsMs }] of this.#streams) {
      if (endsMs > this.#clock.nowMs() && this.#streams.size <= STREAMS_MAX) break;
      this.#streams.delete(oldest);
    }
    return stream;
  }
}
