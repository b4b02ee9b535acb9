import type { Log } from "../core/ports/log.ts";
import { NOTICE_MAX_BYTES, type NoticeHandler, type Notices } from "../core/ports/broadcast.ts";

/** Notices within one process. Also what a process does with the notices that it hears from elsewhere. */
export class EmbeddedNotices implements Notices {
  readonly #log: Log;
  readonly #handlers = new Map<string, Set<NoticeHandler>>();

  constructor(log: Log) {
    this.#log = log;
  }

  async publish(topic: string, text: string): Promise<void> {
    assertNotice(text);
    for (const handler of this.#handlers.get(topic) ?? []) this.#tell(handler, topic, text);
  }

  subscribe(topic: string, handler: NoticeHandler): () => void {
    const handlers = this.#handlers.get(topic) ?? new Set();
    // Wrapped, so that a handler which is given twice is heard twice and ended once each.
    const own: NoticeHandler = (text) => handler(text);
    this.#handlers.set(topic, handlers.add(own));
    return () => {
      handlers.delete(own);
    };
  }

  async close(): Promise<void> {
    this.#handlers.clear();
  }

  #tell(handler: NoticeHandler, topic: string, text: string): void {
    try {
      handler(text);
    } catch (error) {
      this.#log.failure("notice handler failed", error, { topic });
    }
  }
}

export function assertNotice(text: string): void {
  if (Buffer.byteLength(text) > NOTICE_MAX_BYTES) throw new RangeError("the text is above 4 KB");
}
