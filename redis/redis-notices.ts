import type { Redis } from "ioredis";
import { z } from "zod";
import type { Log } from "../core/ports/log.ts";
import type { NoticeHandler, Notices } from "../core/ports/broadcast.ts";
import { assertNotice, EmbeddedNotices } from "./embedded-notices.ts";
import type { Outage } from "./outage.ts";
import type { Subscriber } from "./subscriber.ts";

const messageSchema = z.tuple([z.string(), z.string()]);

type NoticesDeps = {
  readonly redis: Redis;
  readonly subscriber: Subscriber;
  readonly outage: Outage;
  readonly log: Log;
};

/** Notices through Redis' pub/sub: one channel for all topics, heard from the start on. */
export class RedisNotices implements Notices {
  readonly #redis: Redis;
  readonly #outage: Outage;
  readonly #channel: string;
  readonly #local: EmbeddedNotices;

  private constructor({ redis, outage, log }: NoticesDeps, prefix: string) {
    this.#redis = redis;
    this.#outage = outage;
    this.#channel = `${prefix}:notices`;
    this.#local = new EmbeddedNotices(log);
  }

  /** Ready to hear when it resolves, unless Redis is away: then it hears as soon as Redis is back. */
  static async open(deps: NoticesDeps, prefix: string): Promise<RedisNotices> {
    const notices = new RedisNotices(deps, prefix);
    await deps.subscriber.listen(notices.#channel, (message) => {
      const [topic, text] = messageSchema.parse(JSON.parse(message));
      void notices.#local.publish(topic, text);
    });
    return notices;
  }

  async publish(topic: string, text: string): Promise<void> {
    assertNotice(text);
    const message = JSON.stringify([topic, text]);
    try {
      await this.#outage.attempt(() => this.#redis.publish(this.#channel, message));
    } catch {
      await this.#local.publish(topic, text);
    }
  }

  subscribe(topic: string, handler: NoticeHandler): () => void {
    return this.#local.subscribe(topic, handler);
  }

  async close(): Promise<void> {
    await this.#local.close();
  }
}
