import type { Redis } from "ioredis";
import { CACHE_VALUE_MAX_BYTES, type Cache } from "../core/ports/cache.ts";
import type { Outage } from "./outage.ts";

/** A cache in Redis, shared by all processes. While Redis is away it finds nothing and keeps nothing. */
export class RedisCache implements Cache {
  readonly #redis: Redis;
  readonly #outage: Outage;
  readonly #prefix: string;

  constructor(redis: Redis, outage: Outage, prefix: string) {
    this.#redis = redis;
    this.#outage = outage;
    this.#prefix = prefix;
  }

  async get(key: string): Promise<string | null> {
    return this.#outage.attemptOr(
      () => this.#redis.get(this.#keyOf(key)),
      () => null,
    );
  }

  async set(key: string, value: string, lifeMs: number): Promise<void> {
    if (Buffer.byteLength(value) > CACHE_VALUE_MAX_BYTES)
      throw new RangeError("the value is above 256 KB");
    const write = () => this.#redis.set(this.#keyOf(key), value, "PX", Math.ceil(lifeMs));
    await this.#outage.attemptOr<unknown>(write, () => undefined);
  }

  async delete(key: string): Promise<void> {
    // Always tried: what stays there would be found again.
    await this.#outage.attempt(() => this.#redis.del(this.#keyOf(key))).catch(() => undefined);
  }

  async close(): Promise<void> {}

  #keyOf(key: string): string {
    return `${this.#prefix}:cache:${key}`;
  }
}
