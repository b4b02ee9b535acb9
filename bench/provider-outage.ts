import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { verifyLedger } from "../db/ledger-audit/verify-ledger.ts";
import { newFleetCustomer } from "../tests/fleet-customer.ts";
import type { Fleet, FleetProcess } from "../tests/fleet.ts";
import { errorAnswer, startQuickProviders } from "../tests/chaos/quick-providers.ts";
import { generation, uploadSample } from "../tests/journey.ts";
import { until } from "../tests/until.ts";
import { startBenchServers } from "./servers.ts";

const USAGE =
  "bun bench/provider-outage.ts [--tasks 100] [--seconds 60]: the image provider answers 503 for a while, amid tasks";
const WORKERS = 2;
const END_LIMIT_MS = 300_000;
/** A picture's time at the provider, also of those that are under way when it goes away. */
const PICTURE_MS = 400;
const NEIGHBOUR_MS = 8_000;
const NEIGHBOURS = 3;

type ProviderCall = { readonly atMs: number; readonly ok: boolean };

/** The product's own processes and times, the real functions, and a provider of images that goes away. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      tasks: { type: "string", default: "100" },
      seconds: { type: "string", default: "60" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const calls: ProviderCall[] = [];
  let away = false;
  let slow = 0;
  let slowDone = 0;
  const providers = await startQuickProviders(async (pathname) => {
    if (!pathname.endsWith("/images/generations")) return null;
    calls.push({ atMs: Date.now(), ok: !away });
    if (away) return errorAnswer(503, "ServerUnavailable");
    const isSlow = slow > 0;
    if (isSlow) slow -= 1;
    await sleep(isSlow ? NEIGHBOUR_MS : PICTURE_MS);
    if (isSlow) slowDone += 1;
    return null;
  });
  const servers = await startBenchServers();
  const fleet = await servers.openFleet({
    cloud: { dataDir: `${servers.folder}/house`, extraFunctionEnv: { ...providers.environment } },
  });
  try {
    const { url } = await fleet.start("api");
    const workers = [];
    for (let n = 0; n < WORKERS; n += 1) workers.push(await fleet.start("worker"));
    const client = await newFleetCustomer(fleet, url, 100_000, 900_000);
    const photo = await uploadSample(client);
    slow = NEIGHBOURS;
    const body = generation([photo], 1);
    const tasks = Number(values.tasks);
    await Promise.all(Array.from({ length: tasks }, () => client.createTask(body)));
    await until(async () => calls.length >= NEIGHBOURS + tasks / 10, END_LIMIT_MS);
    away = true;
    const awayMs = Date.now();
    await sleep(Number(values.seconds) * 1_000);
    away = false;
    const backMs = Date.now();
    await until(async () => (await countsOf(fleet)).live === 0, END_LIMIT_MS);
    const report = {
      tasks,
      ...(await countsOf(fleet)),
      ...outageOf(calls, openingsOf(workers), awayMs, backMs),
      neighbours: { underWayWhenItOpened: NEIGHBOURS, answered: slowDone },
      lastEndAfterBackMs: Date.now() - backMs,
      pictures: { sold: providers.sold(), stored: (await countsOf(fleet)).images },
      broken: (await verifyLedger(fleet.db.kysely, 0)).filter(
        ({ findings }) => findings.length > 0,
      ),
    };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return report.broken.length === 0 && report.succeeded === tasks ? 0 : 1;
  } finally {
    await fleet.stop();
    await providers.stop();
    await servers.stop();
  }
}

async function countsOf({ db }: Fleet) {
  const rows = await db.kysely
    .selectFrom("tasks")
    .select(["status", "attempts"])
    .select((eb) => eb.fn.countAll<number>().as("n"))
    .groupBy(["status", "attempts"])
    .execute();
  const count = (wanted: (row: { status: string; attempts: number }) => boolean) =>
    rows.filter(wanted).reduce((sum, { n }) => sum + Number(n), 0);
  const image = await db.kysely
    .selectFrom("images")
    .select((eb) => eb.fn.countAll<number>().as("n"))
    .executeTakeFirstOrThrow();
  return {
    live: count(({ status }) => status === "queued" || status === "running"),
    succeeded: count(({ status }) => status === "succeeded"),
    failed: count(({ status }) => status === "failed"),
    byAttemptsSpent: [0, 1, 2, 3].map((spent) => count(({ attempts }) => attempts === spent)),
    images: Number(image.n),
  };
}

/** When each worker's circuit opened, each time. */
function openingsOf(workers: readonly FleetProcess[]): number[][] {
  return workers.map(({ lines }) =>
    lines.flatMap((line) => {
      if (!line.includes("circuit opened") || !line.includes("image-generator")) return [];
      const { time } = JSON.parse(line) as { time: string }; // our own log's line
      return [Date.parse(time)];
    }),
  );
}

function outageOf(
  calls: readonly ProviderCall[],
  openings: readonly (readonly number[])[],
  awayMs: number,
  backMs: number,
) {
  const failed = calls.filter(({ ok }) => !ok).map(({ atMs }) => atMs);
  const first = failed[0] ?? Number.NaN;
  const openedMs = Math.max(...openings.map(([opened = Number.POSITIVE_INFINITY]) => opened));
  const afterOpening = failed.filter((atMs) => atMs > openedMs);
  return {
    failuresBeforeAllWereOpen: failed.length - afterOpening.length,
    circuitsOpenAfterFirstFailureMs: openings.map(([opened = Number.NaN]) => opened - first),
    callsAfterOpening: afterOpening.length,
    rests: openings.map((times) => times.filter((atMs) => atMs <= backMs).length),
    outageMs: backMs - awayMs,
  };
}

process.exit(await main());
