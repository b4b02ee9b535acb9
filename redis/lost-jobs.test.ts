import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { Redis } from "ioredis";
import { describe, expect, test } from "bun:test";
import { freshId } from "../core/model/ids.fixture.ts";
import type { Job } from "../core/ports/task-queue.ts";
import { system } from "../runtime/system.ts";
import { until } from "../tests/until.ts";
import { openRedis } from "./open-redis.ts";
import { onRedis } from "../tests/on-redis.ts";
import type { RedisAdapters } from "./redis-adapters.ts";
import { silentLog } from "../tests/silent-log.ts";

const MODULES = resolve(import.meta.dir);
const job = (): Job => {
  const taskId = freshId("task");
  return { id: `${taskId}-1`, taskId, priority: "low" };
};

onRedis((server) => {
  const open = (prefix = `{${randomUUID()}}`): Promise<RedisAdapters> =>
    openRedis(server(), {
      log: silentLog,
      ...system,
      prefix,
      consumer: { lockMs: 300, stalledCheckMs: 100 },
    });

  describe("a job on Redis", () => {
    test("whose consumer was killed comes to another one, with all that it says", async () => {
      const prefix = `{${randomUUID()}}`;
      const adapters = await open(prefix);
      const lost = job();
      const doomed = await startHangingConsumer(server().port, prefix);
      await adapters.queue.add([lost]);
      await doomed.tookAJob;
      const handled: Job[] = [];
      adapters.consumer.start(async (taken) => void handled.push(taken), 1);

      doomed.child.kill("SIGKILL");

      await until(async () => handled.length === 1);
      expect(handled).toEqual([lost]);
      await adapters.close();
    });

    test("survives more crashes than BullMQ forgives by itself", async () => {
      const prefix = `{${randomUUID()}}`;
      const adapters = await open(prefix);
      const lost = job();
      await adapters.queue.add([lost]);
      for (let crash = 0; crash < 3; crash += 1) {
        const doomed = await startHangingConsumer(server().port, prefix);
        await doomed.tookAJob;
        doomed.child.kill("SIGKILL");
      }
      const handled: Job[] = [];

      adapters.consumer.start(async (taken) => void handled.push(taken), 1);

      await until(async () => handled.length === 1);
      expect(handled).toEqual([lost]);
      await adapters.close();
    });

    test("that ran may be added again under the same id, also when its handler failed", async () => {
      const adapters = await open();
      const one = job();
      let runs = 0;
      adapters.consumer.start(async () => {
        runs += 1;
        throw new Error("every run fails");
      }, 1);

      await adapters.queue.add([one]);
      await until(async () => adapters.consumer.jobsDone() === 1);
      await until(async () => {
        await adapters.queue.add([one]);
        return runs === 2;
      });

      expect(runs).toBe(2);
      await adapters.close();
    });

    test("that Redis forgot while it ran does not keep the consumer from later ones", async () => {
      const adapters = await open();
      const redis = new Redis(server().port, server().host);
      const [forgotten, waiting, later] = [job(), job(), job()];
      const handled: string[] = [];
      let finish = () => {};
      const finished = new Promise<void>((end) => {
        finish = end;
      });
      adapters.consumer.start(async ({ id }) => {
        if (id === forgotten.id) await finished;
        handled.push(id);
      }, 1);
      await adapters.queue.add([forgotten]);
      await until(async () => (await adapters.queue.waiting()) === 0);
      await adapters.queue.add([waiting]);

      await redis.flushall();
      finish();
      await until(async () => handled.length === 1);
      await adapters.queue.add([later]);
      // As the sweep does it with what Redis has lost.
      await adapters.queue.add([waiting]);

      await until(async () => handled.length === 3);
      expect(handled).toEqual([forgotten.id, later.id, waiting.id]);
      redis.disconnect();
      await adapters.close();
    });

    test("goes no faster than the rate limit of all consumers together", async () => {
      const prefix = `{${randomUUID()}}`;
      const rateLimit = { max: 2, durationMs: 150 };
      const openLimited = () =>
        openRedis(server(), {
          log: silentLog,
          ...system,
          prefix,
          consumer: { rateLimit },
        });
      const opened = await Promise.all([openLimited(), openLimited()]);
      const startsMs: number[] = [];
      for (const { consumer } of opened)
        consumer.start(async () => void startsMs.push(performance.now()), 4);

      await opened[0].queue.add(Array.from({ length: 6 }, job));

      await until(async () => startsMs.length === 6);
      expect((startsMs.at(-1) ?? 0) - (startsMs[0] ?? 0)).toBeGreaterThan(200);
      await Promise.all(opened.map((adapters) => adapters.close()));
    });
  });
});

/** A process of its own that takes one job and never ends it. */
async function startHangingConsumer(
  port: number,
  prefix: string,
): Promise<{ child: ChildProcess; tookAJob: Promise<void> }> {
  const script = `
    import { openRedis } from ${JSON.stringify(`${MODULES}/open-redis.ts`)};
    import { system } from ${JSON.stringify(`${MODULES}/../runtime/system.ts`)};
    const address = { host: "127.0.0.1", port: ${port} };
    const log = { start() {}, success() {}, failure() {}, info() {} };
    const consumer = { lockMs: 300, stalledCheckMs: 100 };
    const adapters = await openRedis(address, { ...system, log, prefix: ${JSON.stringify(prefix)}, consumer });
    adapters.consumer.start(() => {
      process.stdout.write("took\\n");
      return new Promise(() => {});
    }, 1);
    process.stdout.write("started\\n");`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  let took = () => {};
  const tookAJob = new Promise<void>((end) => {
    took = end;
  });
  await new Promise<void>((started) => {
    lines.on("line", (line) => {
      if (line === "started") started();
      if (line === "took") took();
    });
  });
  return { child, tookAJob };
}
