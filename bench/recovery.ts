import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createCosObjectStore } from "../cloud/cos-object-store.ts";
import { newFleetCustomer } from "../tests/fleet-customer.ts";
import type { Fleet, FleetProcess } from "../tests/fleet.ts";
import { generation } from "../tests/journey.ts";
import { until } from "../tests/until.ts";
import { startBenchServers } from "./servers.ts";
import { system } from "../runtime/system.ts";

const USAGE = "bun bench/recovery.ts [--runs 10] [--times production|rig]";
const RIG_PROGRAM = fileURLToPath(new URL("../tests/chaos/process-under-test.ts", import.meta.url));
const HELD_MS = 3_000;
const LIMIT_MS = 60_000;

/** From the kill -9 of the worker that holds a task until another one has claimed it, again and again. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "10" },
      times: { type: "string", default: "production" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return void process.stdout.write(`${USAGE}\n`);
  const servers = await startBenchServers();
  const rig = values.times === "rig";
  const fleet = await servers.openFleet(rig ? { program: RIG_PROGRAM } : {});
  try {
    const { url } = await fleet.start("api");
    const client = await newFleetCustomer(fleet, url, 100_000);
    let workers = [await fleet.start("worker"), await fleet.start("worker")];
    const { scfEndpoint: _, cosEndpoint = "", ...target } = fleet.access;
    const objects = createCosObjectStore({ ...system, ...target, endpoint: cosEndpoint });
    const times: number[] = [];
    for (let run = 0; run < Number(values.runs); run += 1) {
      await holdPictures(fleet);
      const { id } = await client.createTask(generation(["https://example.com/a.jpg"], 1));
      await until(async () => (await stateOf(fleet, id)).isCalled, LIMIT_MS);
      // Somewhere within the call, and so anywhere within a heartbeat.
      await sleep(Math.random() * HELD_MS * 0.5);
      const { workerId } = await stateOf(fleet, id);
      const holder = workers.find(({ lines }) =>
        lines.some((line) => line.includes(workerId ?? "?")),
      );
      if (holder === undefined) throw new Error("nobody holds the task");
      times.push(await killAndMeasure(fleet, holder, id));
      workers = [...workers.filter((worker) => worker !== holder), await fleet.start("worker")];
      // What the held call writes at its end; functions that do nothing write nothing.
      await objects.put(`t/${id}/generate-0.jpg`, new Uint8Array(900), "image/jpeg");
      await until(async () => (await stateOf(fleet, id)).status === "succeeded", LIMIT_MS);
    }
    const sorted = times.toSorted((a, b) => a - b);
    process.stdout.write(
      `${JSON.stringify({ times: values.times, runs: times.length, p50Ms: sorted[Math.floor(sorted.length / 2)], maxMs: sorted.at(-1), all: sorted })}\n`,
    );
  } finally {
    await fleet.stop();
    await servers.stop();
  }
}

async function killAndMeasure(fleet: Fleet, holder: FleetProcess, id: string): Promise<number> {
  const { fence } = await stateOf(fleet, id);
  const startedMs = performance.now();
  await holder.end("SIGKILL");
  await until(async () => (await stateOf(fleet, id)).fence > fence, LIMIT_MS);
  return Math.round(performance.now() - startedMs);
}

async function stateOf({ db }: Fleet, id: string) {
  const { kysely } = db;
  const task = await kysely
    .selectFrom("tasks")
    .select(["status", "fence", "workerId"])
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  const rows = await kysely
    .selectFrom("steps")
    .select("idx")
    .where("taskId", "=", id)
    .where("step", "=", "generate")
    .where("askedAt", ">", 0)
    .execute();
  return { ...task, isCalled: rows.length > 0 };
}

async function holdPictures(fleet: Fleet): Promise<void> {
  const hold = { function: "image-generator", kind: "delay", delayMs: HELD_MS, times: 1 };
  await fleet.control("POST", "/control/scf/faults", hold);
}

await main();
process.exit(0);
