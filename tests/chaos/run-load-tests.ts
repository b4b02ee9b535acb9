import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeNoopFunctions } from "../../bench/noop-functions.ts";
import { brokenInvariants } from "../../db/store.fixture.ts";
import { startAllInOne } from "../../commands/all-in-one.ts";
import { embeddedConfig } from "../../local/embedded-config.ts";
import { cancelRaces } from "./load/cancel-races.ts";
import { createLoad } from "./load/create-load.ts";
import { sameKeyLoad } from "./load/same-key-load.ts";
import type { LoadTarget } from "./load/load-target.ts";
import { RIG_SETTINGS } from "./rig-settings.ts";
import { openRig } from "./rig.ts";
import { silentLog } from "../silent-log.ts";

const USAGE = `npm run faults:storms -- [--creates 10000] [--cancels 2000] [--only sqlite|mariadb]

Ten thousand creates at 64 connections for balances of 0, 1, 999 and 10,000 tasks; 500 creates under one key; cancel
races. On SQLite with one process, and on MariaDB with two api processes.`;

/** Balances, in tasks, of which exactly so many creates must be accepted. */
const BALANCES = [0, 1, 999, 10_000];

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      creates: { type: "string", default: "10000" },
      cancels: { type: "string", default: "2000" },
      only: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const size = { creates: Number(values.creates), cancels: Number(values.cancels) };
  let sound = true;
  if (values.only !== "mariadb")
    sound = (await onSqlite((target) => loadTest(target, size))) && sound;
  if (values.only !== "sqlite")
    sound = (await onMariadb((target) => loadTest(target, size))) && sound;
  process.stdout.write(
    sound ? "✅ every load test ended as promised\n" : "❌ a load test broke a promise\n",
  );
  return sound ? 0 : 1;
}

async function loadTest(
  target: LoadTarget,
  size: { creates: number; cancels: number },
): Promise<boolean> {
  const results: { sound: boolean }[] = [];
  const print = (result: { readonly loadTest: string; readonly sound: boolean }) => {
    results.push(result);
    process.stdout.write(
      `${result.sound ? "✅" : "❌"} ${target.name}: ${JSON.stringify(result)}\n`,
    );
  };
  // First, while nothing waits: behind a long queue every cancel would win.
  print(await cancelRaces(target, size.cancels));
  print(await sameKeyLoad(target));
  for (const balance of BALANCES) {
    print(
      await createLoad(target, {
        creates: size.creates,
        acceptable: Math.min(balance, size.creates),
      }),
    );
  }
  const broken = await brokenInvariants(target.db);
  print({ loadTest: `invariants ${broken.join(" ")}`, sound: broken.length === 0 });
  return results.every(({ sound }) => sound);
}

async function onSqlite(work: (target: LoadTarget) => Promise<boolean>): Promise<boolean> {
  const dataDir = mkdtempSync(join(tmpdir(), "drape-storm-"));
  const functionsDir = await writeNoopFunctions(join(dataDir, "noop"));
  const product = await startAllInOne(embeddedConfig(dataDir), {
    dataDir,
    log: silentLog,
    embeddedCloud: { functionsDir },
    settings: [RIG_SETTINGS],
  });
  try {
    return await work({ name: "SQLite, one process", db: product.db, urls: [product.url] });
  } finally {
    await product.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function onMariadb(work: (target: LoadTarget) => Promise<boolean>): Promise<boolean> {
  const rig = await openRig({ apis: 2, workers: 1, noopFunctions: true });
  try {
    return await work({ name: "MariaDB, two api processes", db: rig.fleet.db, urls: rig.urls() });
  } finally {
    await rig.stop();
  }
}

process.exit(await main());
