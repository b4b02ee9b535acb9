import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startPrivateMariadb } from "../local/servers/private-mariadb.ts";
import { openTestStore, type TestStore } from "../db/store.fixture.ts";
import { explainHotQueries } from "./explain-hot-queries.ts";
import { seedTasks } from "./seed-tasks.ts";

const USAGE =
  "bun bench/million-tasks.ts [--tasks 1000000] [--depth 10000] [--explain] [--only sqlite|mariadb]";
const ROUNDS = 300;
const PAGE = 20;

/**
 * One customer's list among a million tasks: page 1 against the page at a depth, in the same run, interleaved; with
 * `--explain` also the plans of the hot queries. Both databases.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      tasks: { type: "string", default: "1000000" },
      depth: { type: "string", default: "10000" },
      explain: { type: "boolean", default: false },
      only: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return void process.stdout.write(`${USAGE}\n`);
  const folder = mkdtempSync(join(tmpdir(), "drape-million-"));
  const scale = { tasks: Number(values.tasks), own: Number(values.depth) * 2 };
  const work = async (name: string, url: string, opened: TestStore) => {
    const userId = await seedTasks(opened, scale);
    const lists = await compare(opened, userId, Number(values.depth));
    process.stdout.write(`${JSON.stringify({ database: name, ...scale, ...lists })}\n`);
    if (values.explain)
      process.stdout.write(`${await explainHotQueries({ ...opened, url }, userId)}\n`);
    await opened.close();
  };
  try {
    if (values.only !== "mariadb") {
      const url = `sqlite:${join(folder, "million.sqlite")}`;
      await work("SQLite", url, await openTestStore(url));
    }
    if (values.only === "sqlite") return;
    const server = await startPrivateMariadb(folder);
    const options = { queryTimeoutMs: 600_000, connectionsMax: 2 };
    await work(`MariaDB ${server.version}`, server.url, await openTestStore(server.url, options));
    await server.stop();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare({ db, store }: TestStore, userId: string, depth: number) {
  const [row] = await db.kysely
    .selectFrom("tasks")
    .select(["createdAt", "id"])
    .where("userId", "=", userId)
    .orderBy("createdAt", "desc")
    .orderBy("id", "desc")
    .offset(depth)
    .limit(1)
    .execute();
  if (row === undefined) throw new Error("the customer has fewer tasks than the depth");
  const before = { createdAtMs: row.createdAt, id: row.id };
  const times = { first: [] as number[], deep: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    times.first.push(await timed(() => store.tasks.list({ userId, limit: PAGE })));
    times.deep.push(await timed(() => store.tasks.list({ userId, limit: PAGE, before })));
  }
  const [firstMs, deepMs] = [median(times.first), median(times.deep)];
  return {
    depth,
    firstPageMs: round2(firstMs),
    deepPageMs: round2(deepMs),
    ratio: round2(deepMs / firstMs),
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

const round2 = (value: number) => Math.round(value * 100) / 100;
const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

await main();
process.exit(0);
