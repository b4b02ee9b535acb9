import type { Clock } from "../core/ports/clock.ts";
import type { RateLimiter, RatePolicy, RateVerdict } from "../core/ports/rate-limiter.ts";

type Bucket = { tokens: number; atMs: number };
const KEYS_MAX = 50_000;

/** Token buckets in one process's memory. */
export class EmbeddedRateLimiter implements RateLimiter {
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Pick<Clock, "nowMs">) {
    this.#clock = clock;
  }

  async take(key: string, { limit, windowMs }: RatePolicy, cost = 1): Promise<RateVerdict> {
    const nowMs = this.#clock.nowMs();
    const perMs = limit / windowMs;
    const before = this.#buckets.get(key) ?? { tokens: limit, atMs: nowMs };
    const refilled = Math.min(limit, before.tokens + Math.max(0, nowMs - before.atMs) * perMs);
    const allowed = refilled >= cost;
    const tokens = allowed ? Math.min(limit, refilled - cost) : refilled;
    const needed = allowed ? 1 : cost;
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens, atMs: nowMs });
    if (this.#buckets.size > KEYS_MAX) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    return {
      allowed,
      remaining: Math.floor(tokens),
      retryAfterMs: tokens >= needed ? 0 : Math.ceil((needed - tokens) / perMs),
      resetMs: Math.ceil((limit - tokens) / perMs),
    };
  }

  async close(): Promise<void> {
    this.#buckets.clear();
  }
}
