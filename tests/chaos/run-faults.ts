import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createRandom } from "../../local/preview/random.ts";
import { checkRun, negativeNow, type Verdict } from "./check-run.ts";
import { startLoad } from "./client-load.ts";
import { untilIdle } from "../queued-tasks.ts";
import type { LedgerReport } from "../fleet.ts";
import { countBites, type Bites } from "./count-bites.ts";
import { FAULT_KINDS } from "./fault-kinds.ts";
import { openRig, type Rig } from "./rig.ts";
import { RIG_SETTINGS } from "./rig-settings.ts";

const USAGE = `npm run faults -- [--seed N] [--minutes M] [--report FILE] [--log FILE] [--workers 3] [--apis 2]

Real processes on a real Redis and MariaDB, clients that send again and cancel, and a fault every few seconds, chosen by
the seed. At the end everything must come to rest and every promise is checked. Exit 0 only when none was broken.`;

const FAULT_PAUSE_MS = 3_000;
const REST_LIMIT_MS = RIG_SETTINGS.limits.taskLifeMs + 60_000;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: String(Date.now() % 100_000) },
      minutes: { type: "string", default: "5" },
      workers: { type: "string", default: "3" },
      apis: { type: "string", default: "2" },
      report: { type: "string" },
      log: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const seed = Number(values.seed);
  const rig = await openRig({ apis: Number(values.apis), workers: Number(values.workers) });
  try {
    const outcome = await run(rig, seed, Number(values.minutes) * 60_000);
    print(outcome, values.report);
    if (values.log !== undefined) writeFileSync(values.log, rig.lines().join("\n"));
    return outcome.sound ? 0 : 1;
  } finally {
    await rig.stop();
  }
}

/** How often each kind of fault was done, and how often it could not be. */
type Harm = {
  readonly faults: Readonly<Record<string, number>>;
  readonly faultsFailed: Readonly<Record<string, number>>;
};

type Outcome = Harm & {
  readonly seed: number;
  readonly commit: string;
  readonly verdict: Verdict;
  readonly bites: Bites;
  readonly negative: number;
  readonly restMs: number;
  readonly ledger: LedgerReport;
  readonly sound: boolean;
};

async function run(rig: Rig, seed: number, runMs: number): Promise<Outcome> {
  const load = await startLoad({
    fleet: rig.fleet,
    urls: () => rig.urls(),
    random: createRandom(seed, 1),
    customers: 8,
    credits: 1_000_000,
    createsPerSecond: 6,
    liveMax: 60,
  });
  let running = true;
  let negative = 0;
  const watcher = repeatWhile(
    () => running,
    1_000,
    async () => {
      negative += await negativeNow(rig);
      await rig.keepAlive();
    },
  );
  const harmed = await harm(rig, seed, Date.now() + runMs);
  await load.stop();
  const restMs = await untilRest(rig);
  running = false;
  await watcher;
  const verdict = await checkRun(rig, load.history);
  const bites = await countBites(rig);
  const broken = Object.values(verdict.broken).some((offenders) => offenders.length > 0);
  const ledger = await rig.fleet.verifyLedger();
  // Its servers and the cloud are up whenever a fault begins: one that fails tested nothing, and hides that it did not.
  const held = negative === 0 && ledger.exitCode === 0;
  const sound = !broken && held && sumOf(harmed.faultsFailed) === 0;
  return { seed, commit: commitOf(), verdict, ...harmed, bites, negative, restMs, ledger, sound };
}

/** One fault after another, each kind once before any comes again, in an order that the seed decides. */
async function harm(rig: Rig, seed: number, endsMs: number): Promise<Harm> {
  const random = createRandom(seed, 2);
  const faults: Record<string, number> = {};
  const faultsFailed: Record<string, number> = {};
  let order: string[] = [];
  while (Date.now() < endsMs) {
    await sleep(random.between(0.6, 1.4) * FAULT_PAUSE_MS);
    if (order.length === 0) order = shuffled(Object.keys(FAULT_KINDS), () => random.between(0, 1));
    const name = order.pop() ?? "";
    const startedMs = Date.now();
    try {
      await FAULT_KINDS[name]?.(rig, random);
      faults[name] = (faults[name] ?? 0) + 1;
      process.stderr.write(`💥 ${name} (${Date.now() - startedMs} ms)\n`);
    } catch (error) {
      faultsFailed[name] = (faultsFailed[name] ?? 0) + 1;
      process.stderr.write(`⚠️  ${name}: ${String(error)}\n`);
    }
    await rig.keepAlive();
  }
  return { faults, faultsFailed };
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** All faults over, all processes up: how long until nothing lives any more. */
async function untilRest(rig: Rig): Promise<number> {
  rig.providers.clear();
  await rig.fleet.control("DELETE", "/control/scf/faults");
  await rig.keepAlive();
  const startedMs = Date.now();
  // What does not come to rest in time is found by the check as stuck.
  await untilIdle(rig.fleet, REST_LIMIT_MS).catch(() => undefined);
  return Date.now() - startedMs;
}

async function repeatWhile(on: () => boolean, everyMs: number, work: () => Promise<void>) {
  while (on()) {
    await work().catch(() => undefined);
    await sleep(everyMs);
  }
}

function shuffled<T>(list: readonly T[], chance: () => number): T[] {
  return list
    .map((item) => ({ item, rank: chance() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

function commitOf(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}

function print({ ledger, ...outcome }: Outcome, report: string | undefined): void {
  const { verdict, seed, sound, negative } = outcome;
  const [faults, faultsFailed] = [sumOf(outcome.faults), sumOf(outcome.faultsFailed)];
  process.stdout.write(`${JSON.stringify(outcome, null, 2)}\n`);
  process.stdout.write(
    `ledger:verify --objects --json: exit ${ledger.exitCode}\n${ledger.printed}\n`,
  );
  const counts = Object.entries(verdict.broken).map(
    ([promise, offenders]) => `${offenders.length} ${promise}`,
  );
  if (report !== undefined) {
    mkdirSync(dirname(report), { recursive: true });
    const { commit } = outcome;
    const line = { seed, commit, tasks: verdict.acknowledged, faults, faultsFailed, sound };
    appendFileSync(report, `${JSON.stringify(line)}\n`);
  }
  const mark = sound ? "✅" : "❌";
  process.stdout.write(
    `${mark} seed ${seed}: ${faults} faults, ${faultsFailed} failed, ${verdict.acknowledged} tasks acknowledged: ${[...counts, `${negative} negative`].join(", ")}\n`,
  );
  if (!sound) process.stdout.write(`again with: npm run faults -- --seed ${seed}\n`);
}

process.exit(await main());
