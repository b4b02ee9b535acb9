import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "bun:test";
import { writeNoopFunctions } from "../../bench/noop-functions.ts";
import { PRIORITIES, type Priority } from "../../core/model/task.ts";
import { brokenInvariants } from "../../db/store.fixture.ts";
import { newFleetCustomer } from "../fleet-customer.ts";
import { openFleet, type Fleet } from "../fleet.ts";
import { generation } from "../journey.ts";
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
    let opened: { readonly fleet: Fleet; readonly dataDir: string } | undefined;
    afterEach(async () => {
      await opened?.fleet.stop();
      if (opened !== undefined) rmSync(opened.dataDir, { recursive: true, force: true });
    });

    /** Functions that do nothing, an api, and workers of a concurrency once they are wanted. */
    async function open(concurrency: number) {
      const dataDir = mkdtempSync(join(tmpdir(), "drape-fair-"));
      const functionsDir = await writeNoopFunctions(join(dataDir, "noop"));
      const fleet = await openFleet({
        ...(await stack.options()),
        cloud: { dataDir, functionsDir },
        environment: {
          DISPATCH_WINDOW: String(WINDOW),
          WORKER_CONCURRENCY: String(concurrency),
        },
      });
      opened = { fleet, dataDir };
      const api = await fleet.start("api");
      return { fleet, customer: () => newFleetCustomer(fleet, api.url, 100_000) };
    }

    test("one customer's one task goes past another's 60 that came before it", async () => {
      const concurrency = 4;
      const { fleet, customer } = await open(concurrency);
      const [many, single] = [await customer(), await customer()];
      await queueTasks(
        fleet,
        Array.from({ length: 60 }, () => ({ userId: many.userId })),
      );
      await fleet.start("worker");
      await until(async () => (await startedTasks(fleet)).length > 20, LIMIT_MS);

      const { id } = await single.createTask(BODY);
      const answeredMs = Date.now();
      await untilIdle(fleet, LIMIT_MS);

      const order = await startedTasks(fleet);
      const mine = order.find((task) => task.id === id);
      const before = order.filter(
        ({ startedAt }) => startedAt > answeredMs && startedAt < (mine?.startedAt ?? 0),
      );
      process.stderr.write(`📊 of 60 tasks ${before.length} went before the one\n`);
      expect(mine).toBeDefined();
      expect(before.length).toBeLessThanOrEqual(WINDOW + concurrency);
      expect(await brokenInvariants(fleet.db)).toEqual([]);
    });

    test("30 tasks of mixed priorities run high, normal, low, each in order of creation", async () => {
      const { fleet, customer } = await open(1);
      const { userId } = await customer();
      const specs = Array.from({ length: 30 }, (_, nth) => ({
        userId,
        priority: PRIORITIES[(nth * 7) % 3] ?? "normal",
      }));
      const ids = await queueTasks(fleet, specs);

      await fleet.start("worker");
      await untilIdle(fleet, LIMIT_MS);

      const of = (priority: Priority) => ids.filter((_, nth) => specs[nth]?.priority === priority);
      const ran = (await startedTasks(fleet)).map(({ id }) => id);
      expect(ran).toEqual([...of("high"), ...of("normal"), ...of("low")]);
    });

    test("a low task in the middle of high ones is done long before the last of them", async () => {
      const concurrency = 4;
      const { fleet, customer } = await open(concurrency);
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

      await fleet.start("worker");
      await untilIdle(fleet, LIMIT_MS);

      const order = await startedTasks(fleet);
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
