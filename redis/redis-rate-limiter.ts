import type { Redis } from "ioredis";
import { z } from "zod";
import type { RateLimiter, RatePolicy, RateVerdict } from "../core/ports/rate-limiter.ts";
import type { Outage } from "./outage.ts";
import { runScript, timedScript } from "./run-script.ts";

const TAKE = timedScript(`
local key, limit, windowMs, cost = KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local perMs = limit / windowMs
local bucket = redis.call('HMGET', key, 'tokens', 'atMs')
local tokens = tonumber(bucket[1]) or limit
local atMs = tonumber(bucket[2]) or now
tokens = math.min(limit, tokens + math.max(0, now - atMs) * perMs)
local allowed = tokens >= cost and 1 or 0
if allowed == 1 then tokens = math.min(limit, tokens - cost) end
local needed = allowed == 1 and 1 or cost
local retryAfterMs = tokens >= needed and 0 or math.ceil((needed - tokens) / perMs)
local resetMs = math.ceil((limit - tokens) / perMs)
redis.call('HSET', key, 'tokens', string.format('%.9f', tokens), 'atMs', string.format('%d', now))
redis.call('PEXPIRE', key, resetMs + 1000)
return { allowed, math.floor(tokens), retryAfterMs, resetMs }
`);

const replySchema = z.tuple([z.number(), z.number(), z.number(), z.number()]);

export type RedisRateLimiterOptions = {
  readonly prefix: string;
  /** Answers while Redis is away; each process then counts for itself. */
  readonly fallback: RateLimiter;
  /** This process's part of a shared limit meanwhile, 0 < share <= 1. */
  readonly fallbackShare: number;
  readonly clockOffsetMs: () => number;
};

/** Token buckets in Redis, by Redis' clock: one limit for all processes. A full bucket is forgotten. */
export class RedisRateLimiter implements RateLimiter {
  readonly #redis: Redis;
  readonly #outage: Outage;
  readonly #options: RedisRateLimiterOptions;

  constructor(redis: Redis, outage: Outage, options: RedisRateLimiterOptions) {
    this.#redis = redis;
    this.#outage = outage;
    this.#options = options;
  }

  async take(key: string, policy: RatePolicy, cost = 1): Promise<RateVerdict> {
    const { prefix, fallback, fallbackShare, clockOffsetMs } = this.#options;
    const args = [clockOffsetMs(), policy.limit, policy.windowMs, cost];
    const fromRedis = async () => {
      const reply = await runScript(this.#redis, TAKE, [`${prefix}:rate:${key}`], args);
      const [allowed, remaining, retryAfterMs, resetMs] = replySchema.parse(reply);
      return { allowed: allowed === 1, remaining, retryAfterMs, resetMs };
    };
    const alone = policy.shared === true ? shareOf(policy, fallbackShare) : policy;
    return this.#outage.attemptOr(fromRedis, () => fallback.take(key, alone, cost));
  }

  async close(): Promise<void> {
    await this.#options.fallback.close();
  }
}

/** The same part of the burst and of what flows in. */
function shareOf(policy: RatePolicy, share: number): RatePolicy {
  const limit = Math.max(1, Math.floor(policy.limit * share));
  const perMs = (policy.limit / policy.windowMs) * share;
  return { limit, windowMs: limit / perMs };
}
