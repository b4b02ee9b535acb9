import type { Log } from "../core/ports/log.ts";
import {
  NOTIFICATION_MAX_BYTES,
  type NotificationHandler,
  type Broadcast,
} from "../core/ports/broadcast.ts";

/** A broadcast within one process. Also what a process does with the notifications that it hears from elsewhere. */
export class EmbeddedBroadcast implements Broadcast {
  readonly #log: Log;
  readonly #handlers = new Map<string, Set<NotificationHandler>>();

  constructor(log: Log) {
    this.#log = log;
  }

  async publish(topic: string, text: string): Promise<void> {
    assertNotification(text);
    for (const handler of this.#handlers.get(topic) ?? []) this.#deliver(handler, topic, text);
  }

  subscribe(topic: string, handler: NotificationHandler): () => void {
    const handlers = this.#handlers.get(topic) ?? new Set();
    // Wrapped, so that a handler which is given twice is heard twice and ended once each.
    const own: NotificationHandler = (text) => handler(text);
    this.#handlers.set(topic, handlers.add(own));
    return () => {
      handlers.delete(own);
    };
  }

  async close(): Promise<void> {
    this.#handlers.clear();
  }

  #deliver(handler: NotificationHandler, topic: string, text: string): void {
    try {
      handler(text);
    } catch (error) {
      this.#log.failure("notification handler failed", error, { topic });
    }
  }
}

export function assertNotification(text: string): void {
  if (Buffer.byteLength(text) > NOTIFICATION_MAX_BYTES)
    throw new RangeError("the text is above 4 KB");
}
