import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeNoopFunctions } from "../../bench/noop-functions.ts";
import { PRIORITIES, type Priority } from "../../core/model/task.ts";
import { brokenInvariants } from "../../db/store.fixture.ts";
import type { DemoClient } from "../../local/demo/demo-client.ts";
import { newFleetCustomer } from "../fleet-customer.ts";
import { openFleet, type Fleet } from "../fleet.ts";
import { generation } from "../journey.ts";
import { chosenRuntime } from "../runtimes.ts";
import { queueTasks, startedTasks, untilIdle } from "../queued-tasks.ts";
import { onServers } from "../stacks.ts";
import { until } from "../until.ts";

const WINDOW = 8;
const LIMIT_MS = 300_000;
/** A task of many pictures: fewer of them make the same lead. */
const LARGE_CREDITS = 66;
const BODY = generation(["https://example.com/a.jpg"], 1);

onServers((stack) => {
  describe(`many tasks and few workers, ${stack.name}`, () => {
    let dataDir = "";
    let fleet: Fleet;
    let apiUrl = "";
    beforeAll(async () => {
      dataDir = mkdtempSync(join(tmpdir(), "drape-fair-"));
      const functionsDir = await writeNoopFunctions(join(dataDir, "noop"));
      fleet = await openFleet({
        ...(await stack.options()),
        cloud: { dataDir, functionsDir },
        environment: { DISPATCH_WINDOW: String(WINDOW) },
      });
      apiUrl = (await fleet.start("api")).url;
    });
    afterAll(async () => {
      await fleet.stop();
      rmSync(dataDir, { recursive: true, force: true });
    });

    const customer = () => newFleetCustomer(fleet, apiUrl, 100_000);

    /** Has one worker of the concurrency do what waits, while `meanwhile` happens; gives the customers' tasks as they ran. */
    async function ranTasks(
      customers: readonly DemoClient[],
      concurrency: number,
      meanwhile = async () => {},
    ) {
      const more = { WORKER_CONCURRENCY: String(concurrency) };
      const worker = await fleet.start("worker", chosenRuntime(), more);
      await meanwhile();
      await untilIdle(fleet, LIMIT_MS);
      await worker.end("SIGTERM");
      expect(await brokenInvariants(fleet.db)).toEqual([]);
      const started = await startedTasks(fleet);
      return started.filter(({ userId }) => customers.some((one) => one.userId === userId));
    }

    test("one customer's one task goes past another's 40 that came before it", async () => {
      const concurrency = 4;
      const [many, single] = [await customer(), await customer()];
      await queueTasks(
        fleet,
        Array.from({ length: 40 }, () => ({ userId: many.userId })),
      );

      let [id, answeredMs] = ["", 0];
      const order = await ranTasks([many, single], concurrency, async () => {
        await until(async () => (await startedTasks(fleet)).length > 10, LIMIT_MS);
        ({ id } = await single.createTask(BODY));
        answeredMs = Date.now();
      });

      const mine = order.find((task) => task.id === id);
      const before = order.filter(
        ({ startedAt }) => startedAt > answeredMs && startedAt < (mine?.startedAt ?? 0),
      );
      process.stderr.write(`📊 of 40 tasks ${before.length} went before the one\n`);
      expect(mine).toBeDefined();
      expect(before.length).toBeLessThanOrEqual(WINDOW + concurrency);
    });

    test("30 tasks of mixed priorities run high, normal, low, each in order of creation", async () => {
      const shop = await customer();
      const { userId } = shop;
      const specs = Array.from({ length: 30 }, (_, nth) => ({
        userId,
        priority: PRIORITIES[(nth * 7) % 3] ?? "normal",
      }));
      const ids = await queueTasks(fleet, specs);

      const order = await ranTasks([shop], 1);

      const of = (priority: Priority) => ids.filter((_, nth) => specs[nth]?.priority === priority);
      const ran = order.map(({ id }) => id);
      expect(ran).toEqual([...of("high"), ...of("normal"), ...of("low")]);
    });

    test("a low task in the middle of high ones is done long before the last of them", async () => {
      const concurrency = 4;
      const [busy, patient] = [await customer(), await customer()];
      const high = Array.from({ length: 100 }, () => ({
        userId: busy.userId,
        held: LARGE_CREDITS,
        priority: "high" as const,
      }));
      const [low = ""] = await queueTasks(fleet, [
        { userId: patient.userId, priority: "low", held: LARGE_CREDITS },
      ]);
      await queueTasks(fleet, high);

      const order = await ranTasks([busy, patient], concurrency);

      const before = order.findIndex(({ id }) => id === low);
      process.stderr.write(`📊 of 100 high tasks ${before} went before the low one\n`);
      // 4,000 credits of work, and what the window and the workers hold.
      const ahead = Math.ceil(4_000 / LARGE_CREDITS);
      expect(before).toBeLessThanOrEqual(ahead + WINDOW + concurrency);
      expect(ahead + WINDOW + concurrency).toBeLessThan(high.length);
      expect(before).toBeGreaterThan(ahead / 2);
    });
  });
});
