import type { Redis } from "ioredis";
import { z } from "zod";
import type { Log } from "../core/ports/log.ts";
import type { NotificationHandler, Broadcast } from "../core/ports/broadcast.ts";
import { assertNotification, EmbeddedBroadcast } from "./embedded-broadcast.ts";
import type { Outage } from "./outage.ts";
import type { Subscriber } from "./subscriber.ts";

const messageSchema = z.tuple([z.string(), z.string()]);

type BroadcastDeps = {
  readonly redis: Redis;
  readonly subscriber: Subscriber;
  readonly outage: Outage;
  readonly log: Log;
};

/** A broadcast through Redis' pub/sub: one channel for all topics, heard from the start on. */
export class RedisBroadcast implements Broadcast {
  readonly #redis: Redis;
  readonly #outage: Outage;
  readonly #channel: string;
  readonly #local: EmbeddedBroadcast;

  private constructor({ redis, outage, log }: BroadcastDeps, prefix: string) {
    this.#redis = redis;
    this.#outage = outage;
    this.#channel = `${prefix}:notices`;
    this.#local = new EmbeddedBroadcast(log);
  }

  /** Ready to hear when it resolves, unless Redis is away: then it hears as soon as Redis is back. */
  static async open(deps: BroadcastDeps, prefix: string): Promise<RedisBroadcast> {
    const broadcast = new RedisBroadcast(deps, prefix);
    await deps.subscriber.listen(broadcast.#channel, (message) => {
      const [topic, text] = messageSchema.parse(JSON.parse(message));
      void broadcast.#local.publish(topic, text);
    });
    return broadcast;
  }

  async publish(topic: string, text: string): Promise<void> {
    assertNotification(text);
    const message = JSON.stringify([topic, text]);
    try {
      await this.#outage.attempt(() => this.#redis.publish(this.#channel, message));
    } catch {
      await this.#local.publish(topic, text);
    }
  }

  subscribe(topic: string, handler: NotificationHandler): () => void {
    return this.#local.subscribe(topic, handler);
  }

  async close(): Promise<void> {
    await this.#local.close();
  }
}
