import { parseArgs } from "node:util";
import { brokenInvariants } from "../db/store.fixture.ts";
import type { DemoClient } from "../local/demo/demo-client.ts";
import { newFleetCustomer } from "../tests/fleet-customer.ts";
import type { Fleet } from "../tests/fleet.ts";
import { generation } from "../tests/journey.ts";
import { until } from "../tests/until.ts";
import { startBenchServers } from "./servers.ts";

const USAGE = "bun bench/fleet-throughput.ts [--tasks 500] [--apis 2] [--workers 3]";
const LIMIT_MS = 300_000;
const CREATES_AT_ONCE = 16;

/**
 * Many small tasks (one photo, one picture) through real processes, with functions that do nothing. Prints tasks a
 * second, and how much a task's time is above the sum of its function times, with one task at a time and under load.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      tasks: { type: "string", default: "500" },
      apis: { type: "string", default: "2" },
      workers: { type: "string", default: "3" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return void process.stdout.write(`${USAGE}\n`);
  const servers = await startBenchServers();
  const fleet = await servers.openFleet();
  try {
    const apis = await many(Number(values.apis), () => fleet.start("api"));
    await many(Number(values.workers), () => fleet.start("worker"));
    const clients = await Promise.all(apis.map(({ url }) => newFleetCustomer(fleet, url, 100_000)));
    await warmUp(fleet, clients);

    const alone = await measure(fleet, clients.slice(0, 1), { tasks: 20, atOnce: 1 });
    const load = await measure(fleet, clients, {
      tasks: Number(values.tasks),
      atOnce: CREATES_AT_ONCE,
    });
    const report = {
      apis: apis.length,
      workers: Number(values.workers),
      oneAtATime: alone,
      underLoad: load,
      broken: await brokenInvariants(fleet.db),
    };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  } finally {
    await fleet.stop();
    await servers.stop();
  }
}

type Load = { readonly tasks: number; readonly atOnce: number };

async function measure(fleet: Fleet, clients: readonly DemoClient[], { tasks, atOnce }: Load) {
  await fleet.control("DELETE", "/control/scf/log");
  const ids: string[] = [];
  const startedMs = performance.now();
  const creator = async (first: number): Promise<void> => {
    for (let n = first; n < tasks; n += atOnce) {
      const client = clients[n % clients.length];
      const created = await client?.createTask(BODY);
      if (created === undefined) continue;
      ids.push(created.id);
      if (atOnce === 1) await untilDone(fleet, [created.id]);
    }
  };
  await many(atOnce, (first) => creator(first));
  const acceptedMs = performance.now() - startedMs;
  await untilDone(fleet, ids);
  const totalMs = performance.now() - startedMs;
  const [times, functions] = [await taskTimes(fleet, ids), await functionTimes(fleet)];
  const functionMs = functions.ms / tasks;
  return {
    tasks,
    tasksPerSecond: round((tasks / totalMs) * 1_000),
    createsPerSecond: round((tasks / acceptedMs) * 1_000),
    callsPerTask: round(functions.calls / tasks),
    functionMsPerTask: round(functionMs),
    runMsPerTask: { p50: quantile(times.run, 0.5), p99: quantile(times.run, 0.99) },
    overheadMsPerTask: round(mean(times.run) - functionMs),
    waitMs: { p50: quantile(times.wait, 0.5), p99: quantile(times.wait, 0.99) },
    claims: times.claims,
  };
}

const BODY = generation(["https://example.com/a.jpg"], 1);

async function warmUp(fleet: Fleet, clients: readonly DemoClient[]): Promise<void> {
  const created = await Promise.all(
    Array.from({ length: 30 }, (_, n) => clients[n % clients.length]?.createTask(BODY)),
  );
  await untilDone(
    fleet,
    created.flatMap((task) => (task === undefined ? [] : [task.id])),
  );
}

async function untilDone({ db }: Fleet, ids: readonly string[]): Promise<void> {
  await until(async () => {
    const { live } = await db.kysely
      .selectFrom("tasks")
      .select((eb) => eb.fn.countAll<number>().as("live"))
      .where("status", "in", ["queued", "running"])
      .executeTakeFirstOrThrow();
    return Number(live) === 0 && ids.length > 0;
  }, LIMIT_MS);
}

async function taskTimes({ db }: Fleet, ids: readonly string[]) {
  const rows = await db.kysely
    .selectFrom("tasks")
    .select(["createdAt", "startedAt", "finishedAt", "status", "fence"])
    .where("id", "in", [...ids])
    .execute();
  const failed = rows.filter(({ status }) => status !== "succeeded");
  if (failed.length > 0) throw new Error(`${failed.length} tasks did not succeed`);
  return {
    run: rows.map((row) => (row.finishedAt ?? 0) - (row.startedAt ?? 0)),
    wait: rows.map((row) => (row.startedAt ?? 0) - row.createdAt),
    /** The settle adds one to the fence of each claim. */
    claims: rows.reduce((sum, { fence }) => sum + fence - 1, 0),
  };
}

async function functionTimes(fleet: Fleet): Promise<{ ms: number; calls: number }> {
  const log = await fleet.control("GET", "/control/scf/log");
  const { entries } = log as { entries: readonly { ms: number }[] }; // our own control server's answer
  return { ms: entries.reduce((sum, { ms }) => sum + ms, 0), calls: entries.length };
}

function many<T>(count: number, make: (first: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, first) => make(first)));
}

const round = (value: number) => Math.round(value * 10) / 10;
const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}

await main();
process.exit(0);
