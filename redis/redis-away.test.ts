import { randomUUID } from "node:crypto";
import { describe, expect, test } from "bun:test";
import { Redis } from "ioredis";
import { createLog } from "../core/resilience/log.ts";
import { freshId } from "../core/model/ids.fixture.ts";
import { BEFORE_FIRST_EVENT } from "../core/ports/event-log.ts";
import type { Job } from "../core/ports/task-queue.ts";
import { system } from "../runtime/system.ts";
import { until } from "../tests/until.ts";
import { BullQueue } from "./bull-queue.ts";
import { connectFast } from "./connect-redis.ts";
import { openRedis } from "./open-redis.ts";
import { Outage } from "./outage.ts";
import { onRedis } from "../tests/on-redis.ts";
import type { RedisAdapters } from "./redis-adapters.ts";

const job = (): Job => {
  const taskId = freshId("task");
  return { id: `${taskId}-1`, taskId, priority: "normal" };
};
const POLICY = { limit: 2, windowMs: 60_000 };

/** How long something took, and what it threw. */
async function failing(work: Promise<unknown>): Promise<{ code: unknown; tookMs: number }> {
  const startedMs = performance.now();
  const thrown: unknown = await work.then(
    () => ({}),
    (error: unknown) => error,
  );
  const code = thrown instanceof Object && "code" in thrown ? thrown.code : "nothing was thrown";
  return { code, tookMs: performance.now() - startedMs };
}

async function connectionsOf(redis: Redis): Promise<number> {
  const list = await redis.client("LIST");
  return String(list).trim().split("\n").length;
}

onRedis((server) => {
  const lines: string[] = [];
  const log = createLog({
    format: "json",
    level: "all",
    write: (line) => lines.push(line),
    nowMs: Date.now,
  });
  const open = (): Promise<RedisAdapters> =>
    openRedis(server(), {
      log,
      ...system,
      prefix: `{${randomUUID()}}`,
      fallbackShare: 0.5,
      consumer: { lockMs: 300, stalledCheckMs: 100 },
    });
  const linesWith = (text: string) => lines.filter((line) => line.includes(text));

  describe("while Redis is killed", () => {
    test("adds and appends fail at once, the rest goes on in this process, and all heals", async () => {
      const adapters = await open();
      const limit = () => adapters.rateLimiter.take("caller", POLICY);
      const handled: string[] = [];
      const heard: string[] = [];
      adapters.consumer.start(async ({ id }) => void handled.push(id), 2);
      adapters.broadcast.subscribe("scenes", (text) => heard.push(text));
      await adapters.cache.set("key", "value", 60_000);
      await limit();
      lines.length = 0;

      await server().kill();

      const add = await failing(adapters.queue.add([job()]));
      const append = await failing(adapters.events.append("task_x", 1, []));
      const waiting = await failing(adapters.queue.waiting());
      const ping = await failing(adapters.ping());
      expect([add, append, waiting, ping].map(({ code }) => code)).toEqual(
        Array(4).fill("UNAVAILABLE"),
      );
      expect(Math.max(add.tookMs, append.tookMs, waiting.tookMs, ping.tookMs)).toBeLessThan(1_000);
      await adapters.cache.set("key", "dropped", 60_000);
      expect(await adapters.cache.get("key")).toBeNull();
      const verdicts = [await limit(), await limit(), await limit()];
      expect(verdicts.map(({ allowed }) => allowed)).toEqual([true, true, false]);
      const shared = { limit: 4, windowMs: 60_000, shared: true };
      const ofProvider = await Promise.all(
        Array.from({ length: 4 }, () => adapters.rateLimiter.take("provider", shared)),
      );
      expect(ofProvider.filter(({ allowed }) => allowed)).toHaveLength(2);
      await adapters.registry.post("topic", "me", "open", 60_000);
      expect(await adapters.registry.read("topic")).toEqual([]);
      await adapters.broadcast.publish("scenes", "heard at home");
      expect(heard).toEqual(["heard at home"]);
      expect(linesWith("redis is away")).toHaveLength(1);

      await server().restart();

      const later = job();
      await until(async () => (await failing(adapters.queue.add([later]))).code !== "UNAVAILABLE");
      await until(async () => handled.includes(later.id));
      await until(async () => linesWith("redis is back").length === 1);
      expect(await adapters.cache.get("key")).toBe("value");
      await until(async () => {
        await adapters.broadcast.publish("scenes", "heard from Redis");
        return heard.includes("heard from Redis");
      });
      expect(linesWith("redis is away")).toHaveLength(1);
      expect(linesWith("redis is back")).toHaveLength(1);
      await adapters.close();
    });

    test("a permit is given from this process's share, and counts again when Redis is back", async () => {
      const adapters = await open();
      const signal = AbortSignal.timeout(10_000);
      const take = (patienceMs: number) =>
        adapters.semaphore.take("images", 4, 300, AbortSignal.timeout(patienceMs));
      const first = await adapters.semaphore.take("images", 4, 300, signal);
      await server().kill();

      const second = await take(5_000);
      const third = await take(90).catch(() => "waits");

      expect(third).toBe("waits");
      await server().restart();
      await until(async () => {
        const more = await take(90).catch(() => null);
        await more?.release();
        return more !== null;
      });
      await Promise.all([first.release(), second.release()]);
      await adapters.close();
    });

    test("a wait for events ends soon and does not spin, and wakes again when Redis is back", async () => {
      const adapters = await open();
      const taskId = freshId("task");
      const ends = new AbortController();
      const patient = adapters.events.wait(taskId, BEFORE_FIRST_EVENT, ends.signal);
      const soon = new Promise((resolve) => {
        setTimeout(() => resolve("waits"), 50);
      });
      expect(await Promise.race([patient, soon])).toBe("waits");
      await server().kill();

      const startedMs = performance.now();
      await adapters.events.wait(taskId, BEFORE_FIRST_EVENT, ends.signal);
      const blindMs = performance.now() - startedMs;
      await server().restart();
      await patient;
      const again = adapters.events.wait(taskId, BEFORE_FIRST_EVENT, ends.signal);
      await until(() =>
        adapters.events.append(taskId, 1, [{ type: "task.started", attempt: 1 }]).then(
          () => true,
          () => false,
        ),
      );
      await again;

      expect(blindMs).toBeGreaterThan(500);
      expect(blindMs).toBeLessThan(2_500);
      expect(ends.signal.aborted).toBe(false);
      await adapters.close();
    });

    test("a consumer stops in time, though Redis does not answer", async () => {
      const adapters = await open();
      let reason: unknown;
      let isRunning = false;
      adapters.consumer.start(async (_, signal) => {
        isRunning = true;
        await new Promise((resolve) => {
          signal.addEventListener("abort", resolve, { once: true });
        });
        reason = signal.reason;
      }, 1);
      await adapters.queue.add([job()]);
      // A job that Redis has given away may not have arrived yet.
      await until(async () => isRunning);
      await server().kill();

      const startedMs = performance.now();
      await adapters.consumer.stop(5_000);

      expect(performance.now() - startedMs).toBeLessThan(3_000);
      expect(reason).toMatchObject({ code: "SHUTTING_DOWN" });
      await adapters.close();
      await server().restart();
      // A connection that was left behind would be back within a second.
      const redis = new Redis(server().port, server().host);
      await redis.client("PAUSE", 1_100, "ALL");
      expect(await connectionsOf(redis)).toBe(1);
      redis.disconnect();
    });
  });

  describe("after the end", () => {
    test("no connection is left behind", async () => {
      const redis = new Redis(server().port, server().host);
      const adapters = await open();
      adapters.consumer.start(async () => undefined, 1);
      await adapters.events.append("task_y", 1, [{ type: "task.started", attempt: 1 }]);
      await until(async () => (await connectionsOf(redis)) === 5);

      await adapters.close();

      await until(async () => (await connectionsOf(redis)) === 1, 2_000);
      redis.disconnect();
    });
  });

  describe("while Redis is silent", () => {
    test("an add fails after a second, and works again after it", async () => {
      const adapters = await open();
      const redis = new Redis(server().port, server().host);
      await redis.client("PAUSE", 1_400, "ALL");

      const add = await failing(adapters.queue.add([job()]));
      const found = await adapters.cache.get("key");
      await until(async () => (await failing(adapters.queue.add([job()]))).code !== "UNAVAILABLE");

      expect(add.code).toBe("UNAVAILABLE");
      expect(add.tookMs).toBeLessThan(1_300);
      expect(found).toBeNull();
      redis.disconnect();
      await adapters.close();
    });
  });

  describe("while Redis is known to be silent", () => {
    test("what can be done without it costs no wait, and is asked of it again afterwards", async () => {
      const adapters = await open();
      const redis = new Redis(server().port, server().host);
      await adapters.cache.set("key", "value", 60_000);
      await redis.client("PAUSE", 2_500, "ALL");
      expect((await failing(adapters.ping())).code).toBe("UNAVAILABLE");

      const startedMs = performance.now();
      const verdicts = await Promise.all(
        Array.from({ length: 100 }, () => adapters.rateLimiter.take("many", POLICY)),
      );
      const found = await adapters.cache.get("key");
      await adapters.cache.set("other", "dropped", 60_000);
      const registry = await adapters.registry.read("topic");
      const permit = await adapters.semaphore.take("images", 4, 300, AbortSignal.timeout(5_000));
      await permit.release();
      const tookMs = performance.now() - startedMs;
      await until(async () => (await adapters.cache.get("key")) === "value", 12_000);

      expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(POLICY.limit);
      expect([found, registry]).toEqual([null, []]);
      expect(tookMs).toBeLessThan(500);
      redis.disconnect();
      await adapters.close();
    });
  });

  describe("when Redis comes up late", () => {
    test("a queue that was made before it fails at first and works then", async () => {
      await server().kill();
      const outage = new Outage(log, system.clock);
      const redis = connectFast(server(), outage);
      const queue = new BullQueue(redis, outage, `{${randomUUID()}}`);

      const early = await failing(queue.add([job()]));
      await server().restart();
      await until(async () => (await failing(queue.add([job()]))).code !== "UNAVAILABLE");

      expect(early.code).toBe("UNAVAILABLE");
      expect(await queue.waiting()).toBe(1);
      await queue.close();
      redis.disconnect();
    });
  });
});
