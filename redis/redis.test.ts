import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { cacheContract, type TimedSubject } from "../core/ports/contracts/cache.contract.ts";
import { eventLogContract } from "../core/ports/contracts/event-log.contract.ts";
import { broadcastContract } from "../core/ports/contracts/broadcast.contract.ts";
import { rateLimiterContract } from "../core/ports/contracts/rate-limiter.contract.ts";
import { processRegistryContract } from "../core/ports/contracts/process-registry.contract.ts";
import { semaphoreContract } from "../core/ports/contracts/semaphore.contract.ts";
import { taskQueueContract } from "../core/ports/contracts/task-queue.contract.ts";
import { system } from "../runtime/system.ts";
import { connectFast } from "./connect-redis.ts";
import { openRedis } from "./open-redis.ts";
import { Outage } from "./outage.ts";
import type { PrivateRedis } from "../local/servers/private-redis.ts";
import { onRedis } from "../tests/on-redis.ts";
import type { RedisAdapters } from "./redis-adapters.ts";
import { silentLog } from "../tests/silent-log.ts";

/** One suite's part of the server: its own keys, and a time that can be moved. */
async function openSuite(server: PrivateRedis) {
  const prefix = `{${randomUUID()}}`;
  let offsetMs = 0;
  const openOne = () =>
    openRedis(server, {
      log: silentLog,
      ...system,
      prefix,
      clockOffsetMs: () => offsetMs,
    });
  const keys = connectFast(server, new Outage(silentLog, system.clock));
  const opened = await Promise.all([openOne(), openOne(), openOne()]);
  const [adapters, others, doomed] = opened;
  return {
    adapters,
    others,
    doomed,
    /** Moves the time that the scripts see. */
    async advance(ms: number) {
      offsetMs += ms;
    },
    /** Moves the time of Redis' own expiries. */
    age: (ms: number) => age(keys, prefix, ms),
    async close() {
      await Promise.all(opened.map((each) => each.close()));
      keys.disconnect();
    },
  };
}

/** Brings the end of every key of the suite nearer; one that has come to it goes. */
async function age(redis: Redis, prefix: string, ms: number): Promise<void> {
  for (const key of await redis.keys(`${prefix}*`)) {
    const leftMs = await redis.pttl(key);
    if (leftMs >= 0) await redis.pexpire(key, leftMs - ms);
  }
}

onRedis((server) => {
  const timed = async <Port>(
    pick: (adapters: RedisAdapters) => Port,
  ): Promise<TimedSubject<Port>> => {
    const { adapters, advance, close } = await openSuite(server());
    return { port: pick(adapters), advance, close };
  };

  taskQueueContract("Redis", async () => {
    const { adapters, close } = await openSuite(server());
    return { queue: adapters.queue, consumer: adapters.consumer, close };
  });

  eventLogContract("Redis", async () => {
    const { adapters, close } = await openSuite(server());
    return { log: adapters.events, close };
  });

  cacheContract("Redis", async () => {
    const { adapters, age: advance, close } = await openSuite(server());
    return { port: adapters.cache, advance, close };
  });
  rateLimiterContract("Redis", () => timed((adapters) => adapters.rateLimiter));
  processRegistryContract("Redis", () => timed((adapters) => adapters.registry));

  semaphoreContract("Redis", async () => {
    const { adapters, others, doomed, advance, close } = await openSuite(server());
    return {
      semaphore: adapters.semaphore,
      others: others.semaphore,
      doomed: doomed.semaphore,
      advance,
      close,
    };
  });

  broadcastContract("Redis", async () => {
    const { adapters, others, close } = await openSuite(server());
    return { broadcast: adapters.broadcast, others: others.broadcast, close };
  });
});
