import { parseArgs } from "node:util";
import { z } from "zod";
import { brokenInvariants } from "../db/store.fixture.ts";
import type { DemoClient } from "../local/demo/demo-client.ts";
import { newFleetCustomer } from "../tests/fleet-customer.ts";
import type { Fleet } from "../tests/fleet.ts";
import { generation } from "../tests/journey.ts";
import { until } from "../tests/until.ts";
import { startBenchServers } from "./servers.ts";

const USAGE =
  "bun bench/eta-accuracy.ts [--tasks 200] [--workers 2] [--delay 300] [--warm-up 60] [--customers 10]";
const LIMIT_MS = 300_000;
const CREATES_AT_ONCE = 16;
const POLL_EVERY_MS = 1_000;
const POLLS_AT_ONCE = 10;

/**
 * How often the time that a waiting task was promised was the time it took. A sample is inside when the task ended no
 * later than its p90 and its p50 was right within a factor of two. Samples are taken right after each create, and
 * later while the tasks wait.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      tasks: { type: "string", default: "200" },
      workers: { type: "string", default: "2" },
      delay: { type: "string", default: "300" },
      "warm-up": { type: "string", default: "60" },
      customers: { type: "string", default: "10" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return void process.stdout.write(`${USAGE}\n`);
  const servers = await startBenchServers();
  const fleet = await servers.openFleet();
  try {
    const api = await fleet.start("api");
    await Promise.all(Array.from({ length: Number(values.workers) }, () => fleet.start("worker")));
    const clients = await Promise.all(
      Array.from({ length: Number(values.customers) }, () =>
        newFleetCustomer(fleet, api.url, 100_000),
      ),
    );
    await delayPictures(fleet, Number(values.delay));
    await load(clients, Number(values["warm-up"]), async () => undefined);
    await untilIdle(fleet);

    const samples: Sample[] = [];
    const waiting: Created[] = [];
    const poll = async ({ id, client }: Created, moment: Sample["moment"]) => {
      const atMs = Date.now();
      const { queue } = taskSchema.parse(
        await client.send("GET", `/api/v1/ai-generation/tasks/${id}`),
      );
      const { position = 0, etaSeconds = null } = queue ?? {};
      if (etaSeconds !== null) samples.push({ id, moment, atMs, position, etaSeconds });
    };
    const startedMs = Date.now();
    const polling = new AbortController();
    const later = pollAgain(polling.signal, async () => {
      const some = waiting.toSorted(() => Math.random() - 0.5).slice(0, POLLS_AT_ONCE);
      await Promise.all(some.map((one) => poll(one, "later")));
    });
    await load(clients, Number(values.tasks), async (created) => {
      waiting.push(created);
      await poll(created, "at create");
    });
    await untilIdle(fleet);
    polling.abort();
    await later;

    const report = {
      ...values,
      totalMs: Date.now() - startedMs,
      ...(await judge(fleet, samples)),
      broken: await brokenInvariants(fleet.db),
    };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  } finally {
    await fleet.stop();
    await servers.stop();
  }
}

const taskSchema = z.object({
  queue: z
    .object({
      position: z.number(),
      // Null while something is in the way, which is no promise to be judged.
      etaSeconds: z.object({ p50: z.number(), p90: z.number() }).nullable(),
    })
    .nullable(),
});
type Created = { readonly id: string; readonly client: DemoClient };
type Sample = {
  readonly id: string;
  readonly moment: "at create" | "later";
  readonly atMs: number;
  readonly position: number;
  readonly etaSeconds: { readonly p50: number; readonly p90: number };
};

async function delayPictures(fleet: Fleet, delayMs: number): Promise<void> {
  const delay = { function: "image-generator", kind: "delay", delayMs, times: 0 };
  await fleet.control("POST", "/control/scf/faults", delay);
}

const BODY = generation(["https://example.com/a.jpg"], 1);

async function load(
  clients: readonly DemoClient[],
  tasks: number,
  then: (created: Created) => Promise<void>,
): Promise<void> {
  const creator = async (first: number): Promise<void> => {
    for (let n = first; n < tasks; n += CREATES_AT_ONCE) {
      const client = clients[n % clients.length];
      if (client === undefined) continue;
      await then({ id: (await client.createTask(BODY)).id, client });
    }
  };
  await Promise.all(Array.from({ length: CREATES_AT_ONCE }, (_, first) => creator(first)));
}

async function pollAgain(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await new Promise((resolve) => {
      setTimeout(resolve, POLL_EVERY_MS);
    });
    await work();
  }
}

async function untilIdle({ db }: Fleet): Promise<void> {
  await until(async () => {
    const { live } = await db.kysely
      .selectFrom("tasks")
      .select((eb) => eb.fn.countAll<number>().as("live"))
      .where("status", "in", ["queued", "running"])
      .executeTakeFirstOrThrow();
    return Number(live) === 0;
  }, LIMIT_MS);
}

async function judge({ db }: Fleet, samples: readonly Sample[]) {
  const rows = await db.kysely.selectFrom("tasks").select(["id", "finishedAt"]).execute();
  const ends = new Map(rows.map(({ id, finishedAt }) => [id, finishedAt ?? 0]));
  const shareOf = (moment: Sample["moment"]) => {
    const judged = samples
      .filter((sample) => sample.moment === moment)
      .map(({ id, atMs, etaSeconds: { p50, p90 } }) => {
        const realS = ((ends.get(id) ?? 0) - atMs) / 1_000;
        return {
          inTime: realS <= p90,
          near: realS >= p50 / 2 && realS <= p50 * 2,
          ratio: realS / p50,
        };
      });
    const inside = judged.filter(({ inTime, near }) => inTime && near).length;
    const ratios = judged.map(({ ratio }) => ratio).toSorted((a, b) => a - b);
    const at = (q: number) => round(ratios[Math.floor((ratios.length - 1) * q)] ?? 0);
    return {
      samples: judged.length,
      insideShare: round(inside / Math.max(1, judged.length)),
      beforeP90Share: round(
        judged.filter(({ inTime }) => inTime).length / Math.max(1, judged.length),
      ),
      realByP50: { p10: at(0.1), p50: at(0.5), p90: at(0.9) },
    };
  };
  return {
    positionMax: Math.max(0, ...samples.map(({ position }) => position)),
    atCreate: shareOf("at create"),
    later: shareOf("later"),
  };
}

const round = (value: number) => Math.round(value * 100) / 100;

await main();
process.exit(0);
