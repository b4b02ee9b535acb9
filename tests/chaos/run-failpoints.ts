import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Redis } from "ioredis";
import { createCosObjectStore } from "../../cloud/cos-object-store.ts";
import { FAILPOINTS, type Failpoint } from "../../core/ports/failpoints.ts";
import { brokenInvariants } from "../../db/store.fixture.ts";
import type { DemoClient } from "../../local/demo/demo-client.ts";
import { newFleetCustomer } from "../fleet-customer.ts";
import { generation } from "../journey.ts";
import { openRig, type Rig } from "./rig.ts";
import { system } from "../../runtime/system.ts";

const USAGE = `npm run faults:crash-points -- [--runs 5] [--only "settle: told"]

Ends a real process at each named moment, starts it again, and sees that the task comes to its right end.`;

const END_LIMIT_MS = 30_000;
/** Each point is mostly waited for, so two sets of processes and servers take half the time. */
const RIGS = 2;

type Outcome = {
  readonly point: Failpoint;
  readonly runs: number;
  readonly died: number;
  readonly converged: number;
  readonly slowestMs: number;
};

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "5" },
      only: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const points = FAILPOINTS.filter((point) => values.only === undefined || point === values.only);
  const shares = Array.from({ length: RIGS }, (_, nth) =>
    points.filter((_point, at) => at % RIGS === nth),
  );
  const ends = await Promise.all(shares.map((share) => strikeAll(share, Number(values.runs))));
  const outcomes = ends.flatMap((end) => end.outcomes);
  const broken = ends.flatMap((end) => end.broken);
  const bad = outcomes.filter(({ runs, died, converged }) => died < runs || converged < runs);
  const runs = outcomes.reduce((sum, outcome) => sum + outcome.runs, 0);
  const converged = outcomes.reduce((sum, outcome) => sum + outcome.converged, 0);
  const sound = bad.length === 0 && broken.length === 0 && outcomes.length > 0;
  process.stdout.write(
    `${sound ? "✅" : "❌"} ${outcomes.length} failpoints, ${converged} of ${runs} runs converged, ${broken.length} invariants broken\n`,
  );
  for (const line of broken) process.stdout.write(`${line}\n`);
  return sound ? 0 : 1;
}

/** One after the other, on servers and processes of their own. */
async function strikeAll(points: readonly Failpoint[], runs: number) {
  const outcomes: Outcome[] = [];
  if (points.length === 0) return { outcomes, broken: [] };
  const rig = await openRig({ apis: 1, workers: 1, noopFunctions: true });
  try {
    const client = await newFleetCustomer(rig.fleet, rig.urls()[0] ?? "", 1_000_000, 3_600_000);
    for (const point of points) {
      const outcome = await strike(rig, client, point, runs);
      outcomes.push(outcome);
      printOne(outcome);
    }
    return { outcomes, broken: await brokenInvariants(rig.fleet.db) };
  } finally {
    await rig.stop();
  }
}

async function strike(
  rig: Rig,
  client: DemoClient,
  point: Failpoint,
  runs: number,
): Promise<Outcome> {
  const processName =
    point.startsWith("create") || point.startsWith("cancel") ? "api-0" : "worker-0";
  let [died, converged, slowestMs] = [0, 0, 0];
  for (let run = 0; run < runs; run += 1) {
    await prepare(rig, point);
    const startedMs = Date.now();
    const unwatched = point.startsWith("sweep");
    if (unwatched) await rig.running.get(processName)?.end("SIGTERM");
    else await rig.restart(processName, "SIGTERM", { failpoint: point });
    let armed = rig.running.get(processName);
    const { id } = await createAndProvoke(rig, client, point, run);
    if (unwatched) {
      // Accepted and sent, and then Redis forgets it: only the sweep can know.
      await id;
      await flush(rig);
      await rig.restart(processName, "SIGTERM", { failpoint: point });
      armed = rig.running.get(processName);
    }
    const ended = await Promise.race([
      armed?.ended.then(() => true),
      sleep(END_LIMIT_MS).then(() => false),
    ]);
    if (ended === true) died += 1;
    await rig.restart(processName, "SIGKILL");
    if (await reachedItsEnd(rig, await id, point)) converged += 1;
    slowestMs = Math.max(slowestMs, Date.now() - startedMs);
    await rig.fleet.control("DELETE", "/control/scf/faults");
  }
  return { point, runs, died, converged, slowestMs };
}

/** What brings the product to pass this moment at all. */
async function prepare(rig: Rig, point: Failpoint): Promise<void> {
  const fault = FAULTS[point];
  if (fault === undefined) return;
  const spec = { function: "image-generator", ...fault };
  await rig.fleet.control("POST", "/control/scf/faults", spec);
}

const FAULTS: Partial<Record<Failpoint, object>> = {
  "paid call: forgotten": { kind: "status", status: 432, times: 1 },
  "dispatch: marked, not added": { kind: "status", status: 432, times: 3 },
  "dispatch: added": { kind: "status", status: 432, times: 3 },
  "in-doubt call: found, not taken": { kind: "reset-after-run", times: 1 },
  "requeue: before the transaction": { kind: "status", status: 432, times: 3 },
  "requeue: committed, not published": { kind: "status", status: 432, times: 3 },
  "cancel: committed, not answered": { kind: "delay", delayMs: 2_000, times: 1 },
};

/** Sends the create again under its key until it is acknowledged, as a client does. */
async function createAndProvoke(
  rig: Rig,
  client: DemoClient,
  point: Failpoint,
  run: number,
): Promise<{ readonly id: Promise<string> }> {
  const key = `${point.replaceAll(/[^a-z]/g, "-")}-${run}-${Date.now()}`;
  const acknowledged = (async () => {
    const endsMs = Date.now() + END_LIMIT_MS;
    while (Date.now() < endsMs) {
      const url = rig.urls()[0];
      const answer =
        url === undefined
          ? null
          : await client
              .at(url)
              .raw("POST", "/api/ai-image/generate", BODY, {
                signal: AbortSignal.timeout(5_000),
                headers: { "idempotency-key": key },
              })
              .catch(() => null);
      if (answer?.status === 202) return ((await answer.json()) as { id: string }).id; // our own API's answer
      await sleep(50);
    }
    throw new Error(`the create of ${point} was never acknowledged`);
  })();
  acknowledged.catch(() => undefined);
  if (point.startsWith("cancel")) {
    const id = await acknowledged;
    const url = rig.urls()[0] ?? "";
    await client
      .at(url)
      .raw("DELETE", `/api/v1/ai-generation/tasks/${id}`, undefined, {
        signal: AbortSignal.timeout(5_000),
      })
      .catch(() => null);
  }
  if (point.startsWith("in-doubt call")) {
    // What the function would have written, had it done any work.
    const { scfEndpoint: _, cosEndpoint = "", ...target } = rig.fleet.access;
    const objects = createCosObjectStore({ ...system, ...target, endpoint: cosEndpoint });
    await objects.put(`t/${await acknowledged}/generate-0.jpg`, new Uint8Array(900), "image/jpeg");
  }
  return { id: acknowledged };
}

async function flush({ redis }: Rig): Promise<void> {
  const connection = new Redis(redis.port, redis.host);
  await connection.flushall();
  connection.disconnect();
}

const BODY = generation(["https://example.com/a.jpg"], 1);

async function reachedItsEnd(rig: Rig, id: string, point: Failpoint): Promise<boolean> {
  const wanted = point.startsWith("cancel") ? "canceled" : "succeeded";
  const endsMs = Date.now() + END_LIMIT_MS;
  while (Date.now() < endsMs) {
    const row = await rig.fleet.db.kysely
      .selectFrom("tasks")
      .select("status")
      .where("id", "=", id)
      .executeTakeFirst();
    if (row?.status === wanted) return true;
    await sleep(50);
  }
  return false;
}

function printOne(outcome: Outcome): void {
  const { point, runs, died, converged, slowestMs } = outcome;
  const mark = died === runs && converged === runs ? "✅" : "❌";
  process.stdout.write(
    `${mark} ${point.padEnd(36)} died ${died} of ${runs}, converged ${converged}, slowest ${slowestMs} ms\n`,
  );
}

process.exit(await main());
