import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { cacheContract, type TimedSubject } from "../core/ports/contracts/cache.contract.ts";
import { eventLogContract } from "../core/ports/contracts/event-log.contract.ts";
import { noticesContract } from "../core/ports/contracts/notices.contract.ts";
import { rateLimiterContract } from "../core/ports/contracts/rate-limiter.contract.ts";
import { rosterContract } from "../core/ports/contracts/roster.contract.ts";
import { slotsContract } from "../core/ports/contracts/slots.contract.ts";
import { taskQueueContract } from "../core/ports/contracts/task-queue.contract.ts";
import { system } from "../runtime/system.ts";
import { connectFast } from "./connect-redis.ts";
import { openRedis } from "./open-redis.ts";
import { Outage } from "./outage.ts";
import type { PrivateRedis } from "../local/servers/private-redis.ts";
import { onRedis } from "../tests/on-redis.ts";
import type { RedisHouse } from "./redis-house.ts";
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
  const houses = await Promise.all([openOne(), openOne(), openOne()]);
  const [house, others, doomed] = houses;
  return {
    house,
    others,
    doomed,
    /** Moves the time that the scripts see. */
    async advance(ms: number) {
      offsetMs += ms;
    },
    /** Moves the time of Redis' own expiries. */
    age: (ms: number) => age(keys, prefix, ms),
    async close() {
      await Promise.all(houses.map((each) => each.close()));
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
  const timed = async <Port>(pick: (house: RedisHouse) => Port): Promise<TimedSubject<Port>> => {
    const { house, advance, close } = await openSuite(server());
    return { port: pick(house), advance, close };
  };

  taskQueueContract("Redis", async () => {
    const { house, close } = await openSuite(server());
    return { queue: house.queue, consumer: house.consumer, close };
  });

  eventLogContract("Redis", async () => {
    const { house, close } = await openSuite(server());
    return { log: house.events, close };
  });

  cacheContract("Redis", async () => {
    const { house, age: advance, close } = await openSuite(server());
    return { port: house.cache, advance, close };
  });
  rateLimiterContract("Redis", () => timed((house) => house.rateLimiter));
  rosterContract("Redis", () => timed((house) => house.roster));

  slotsContract("Redis", async () => {
    const { house, others, doomed, advance, close } = await openSuite(server());
    return { slots: house.slots, others: others.slots, doomed: doomed.slots, advance, close };
  });

  noticesContract("Redis", async () => {
    const { house, others, close } = await openSuite(server());
    return { notices: house.notices, others: others.notices, close };
  });
});
