import { parseArgs } from "node:util";
import { brokenInvariants } from "../db/store.fixture.ts";
import { newFleetCustomer } from "../tests/fleet-customer.ts";
import { generation } from "../tests/journey.ts";
import { queueTasks, startedTasks, TASK_CREDITS, untilIdle } from "../tests/queued-tasks.ts";
import { until } from "../tests/until.ts";
import { startBenchServers } from "./servers.ts";

const USAGE =
  "bun bench/fairness.ts [--tasks 1000] [--workers 2] [--singles 5] [--window 32] [--concurrency 8]";
const LIMIT_MS = 600_000;
/** The flood is well under way, and much of it waits still. */
const STARTED_SHARE = 0.1;

/**
 * One customer's many tasks, and while they run a few customers with one task each, one after the other: how many of
 * the many were started between a single one's create and its start, and how long it waited.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      tasks: { type: "string", default: "1000" },
      workers: { type: "string", default: "2" },
      singles: { type: "string", default: "5" },
      window: { type: "string", default: "32" },
      concurrency: { type: "string", default: "8" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return void process.stdout.write(`${USAGE}\n`);
  const [tasks, workers] = [Number(values.tasks), Number(values.workers)];
  const servers = await startBenchServers();
  const fleet = await servers.openFleet({
    environment: { DISPATCH_WINDOW: values.window, WORKER_CONCURRENCY: values.concurrency },
  });
  try {
    const api = await fleet.start("api");
    const many = await newFleetCustomer(fleet, api.url, tasks * TASK_CREDITS);
    const singles = await Promise.all(
      Array.from({ length: Number(values.singles) }, () => newFleetCustomer(fleet, api.url, 100)),
    );
    await queueTasks(
      fleet,
      Array.from({ length: tasks }, () => ({ userId: many.userId })),
    );
    const startedMs = Date.now();
    await Promise.all(Array.from({ length: workers }, () => fleet.start("worker")));
    await until(async () => (await startedTasks(fleet)).length > tasks * STARTED_SHARE, LIMIT_MS);
    const created: { readonly id: string; readonly answeredMs: number }[] = [];
    for (const single of singles) {
      const { id } = await single.createTask(generation(["https://example.com/a.jpg"], 1));
      created.push({ id, answeredMs: Date.now() });
      await until(async () => (await startedTasks(fleet)).some((task) => task.id === id), LIMIT_MS);
    }
    await untilIdle(fleet, LIMIT_MS);

    const order = await startedTasks(fleet);
    const report = {
      ...values,
      totalMs: Date.now() - startedMs,
      /** What a single one may find before it: the window and all that the workers run. */
      boundTasks: Number(values.window) + workers * Number(values.concurrency),
      singlesBehind: created.map(({ id, answeredMs }) => {
        const own = order.find((task) => task.id === id)?.startedAt ?? 0;
        const before = order.filter(
          ({ startedAt }) => startedAt > answeredMs && startedAt < own,
        ).length;
        return { tasks: before, waitMs: Math.max(0, own - answeredMs) };
      }),
      broken: await brokenInvariants(fleet.db),
    };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  } finally {
    await fleet.stop();
    await servers.stop();
  }
}

await main();
process.exit(0);
