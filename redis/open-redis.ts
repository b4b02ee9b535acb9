import type { Clock } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import type { Random } from "../core/ports/random.ts";
import { BullConsumer, type BullConsumerOptions } from "./bull-consumer.ts";
import { BullQueue } from "./bull-queue.ts";
import { checkRedis, connectFast, connectWaiting, type RedisAddress } from "./connect-redis.ts";
import { EmbeddedRateLimiter } from "./embedded-rate-limiter.ts";
import { LeaseSemaphore } from "./lease-semaphore.ts";
import { Outage } from "./outage.ts";
import { RedisCache } from "./redis-cache.ts";
import { RedisEventLog } from "./redis-event-log.ts";
import type { RedisAdapters } from "./redis-adapters.ts";
import { RedisLeases } from "./redis-leases.ts";
import { RedisBroadcast } from "./redis-broadcast.ts";
import { RedisRateLimiter } from "./redis-rate-limiter.ts";
import { RedisProcessRegistry } from "./redis-process-registry.ts";
import { Subscriber } from "./subscriber.ts";

export type OpenRedisOptions = {
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  /** Before every key; in braces, so that all are on one node of a cluster. */
  readonly prefix?: string;
  readonly consumer?: Omit<BullConsumerOptions, "prefix" | "clock">;
  /** This process's part of a shared limit while Redis is away, 0 < share <= 1: one by the number of processes. */
  readonly fallbackShare?: number;
  /** Added to Redis' clock; for tests. */
  readonly clockOffsetMs?: () => number;
};

const PREFIX = "{drape}";
const FALLBACK_SHARE = 0.25;

/**
 * Opens everything that Redis does for this process, on two connections (a consumer that is started has two more).
 * Throws, with what to do, when Redis cannot be used; once open, an outage is outlived.
 */
export async function openRedis(
  address: RedisAddress,
  options: OpenRedisOptions,
): Promise<RedisAdapters> {
  const { log, clock, random, prefix = PREFIX, clockOffsetMs = () => 0 } = options;
  const version = await checkRedis(address);
  const outage = new Outage(log, clock);
  const redis = connectFast(address, outage);
  const hearing = connectFast(address, outage);
  await Promise.all([untilReady(redis), untilReady(hearing)]);
  const subscriber = new Subscriber(hearing);
  const queue = new BullQueue(redis, outage, prefix);
  const timed = { prefix, clockOffsetMs };
  const share = options.fallbackShare ?? FALLBACK_SHARE;
  const waiting = () => connectWaiting(address, outage);
  const consumer = new BullConsumer(waiting, log, { ...options.consumer, prefix, clock });
  const fallback = new EmbeddedRateLimiter(clock);
  const leases = new RedisLeases(redis, outage, { ...timed, fallbackShare: share });
  const parts = {
    events: new RedisEventLog({ redis, subscriber, outage, clock }, prefix),
    cache: new RedisCache(redis, outage, prefix),
    rateLimiter: new RedisRateLimiter(redis, outage, { ...timed, fallback, fallbackShare: share }),
    semaphore: new LeaseSemaphore(leases, { clock, random }),
    registry: new RedisProcessRegistry(redis, outage, timed),
    broadcast: await RedisBroadcast.open({ redis, subscriber, outage, log }, prefix),
  };
  return {
    queue,
    consumer,
    ...parts,
    version,
    async ping() {
      await outage.attempt(() => redis.ping());
    },
    async close() {
      await consumer.stop(0);
      await Promise.all(Object.values(parts).map((part) => part.close()));
      await queue.close();
      subscriber.close();
      redis.disconnect();
    },
  };
}

/** Redis answered a moment ago; if it is away now, the connections come back by themselves. */
async function untilReady(connection: ReturnType<typeof connectFast>): Promise<void> {
  if (connection.status === "ready") return;
  await new Promise<void>((resolve) => {
    connection.once("ready", () => resolve());
    connection.once("reconnecting", () => resolve());
  });
}
