import { sql } from "kysely";
import {
  createOne,
  finish,
  importDone,
  newCustomer,
} from "../core/ports/contracts/store.fixture.ts";
import { createStore } from "../db/store.ts";
import { openDatabase } from "../db/connection/open.ts";
import type { Db } from "../db/connection/db.ts";
import type { TestStore } from "../db/store.fixture.ts";
import { system } from "../runtime/system.ts";

type Seen = { readonly sql: string; readonly parameters: readonly unknown[] };

/** Runs each use of the store once on the full table, and gives the plans of what it read and wrote as a table. */
export async function explainHotQueries(
  { db, url }: TestStore & { readonly url: string },
  userId: string,
): Promise<string> {
  const seen: Seen[] = [];
  const watched = await openDatabase(url, { ...system, onQuery: (query) => seen.push(query) });
  const store = createStore(watched);
  const uses: Record<string, () => Promise<unknown>> = {
    create: async () => createOne(store, { userId: await newCustomer(store, 100), held: 12 }),
    dispatch: () => store.queue.dispatch(32),
    sweep: () => store.queue.sweep(200),
    "list, page 1": () => store.tasks.list({ userId, limit: 20 }),
    "list, deep": () =>
      store.tasks.list({ userId, limit: 20, before: { createdAtMs: 1_700_005_000_000, id: "z" } }),
    "list by status": () => store.tasks.list({ userId, limit: 20, status: "succeeded" }),
    "credits ledger": () => store.credits.listTransfers({ userId, limit: 20 }),
    "claim to settle": () => live(store, userId),
  };
  const lines = ["| use | statement | plan |", "| --- | --- | --- |"];
  for (const [use, work] of Object.entries(uses)) {
    seen.length = 0;
    await work();
    const known = new Set<string>();
    for (const query of seen) {
      if (known.has(query.sql) || !/^\s*(select|update|delete)/i.test(query.sql)) continue;
      known.add(query.sql);
      lines.push(`| ${use} | \`${short(query.sql)}\` | ${await planOf(db, query)} |`);
    }
  }
  await watched.close();
  return lines.join("\n");
}

async function live(store: ReturnType<typeof createStore>, userId: string): Promise<void> {
  const customer = await newCustomer(store, 100);
  const taskId = await createOne(store, { userId: customer, held: 12 });
  const task = await store.tasks.claim(taskId, "wkr_bench", 15_000);
  if (task === null) throw new Error(`the task of ${userId} was not claimed`);
  const claim = { taskId, fence: task.fence };
  await store.tasks.renewLeases([claim], 15_000);
  await store.tasks.checkpoint(claim, [importDone]);
  await store.tasks.findVersion(taskId);
  await store.tasks.settle({ ...finish(taskId), fence: task.fence });
}

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").replaceAll(/`|"/g, "").replaceAll("|", "\\|").trim();
  return line.length > 110 ? `${line.slice(0, 107)}...` : line;
}

async function planOf({ kysely, dialect }: Db, { sql: text, parameters }: Seen): Promise<string> {
  const prefix = dialect.name === "mysql" ? "explain " : "explain query plan ";
  const marks = text.split("?");
  const parts = marks.map((part, index) =>
    index < parameters.length ? sql`${sql.raw(part)}${parameters[index]}` : sql.raw(part),
  );
  const { rows } = await sql<
    Record<string, unknown>
  >`${sql.raw(prefix)}${sql.join(parts, sql``)}`.execute(kysely);
  const say = (row: Record<string, unknown>) =>
    dialect.name === "mysql"
      ? `${row["table"]}: ${row["type"]} on ${row["key"] ?? "nothing"}, ${row["rows"]} rows${row["Extra"] ? ` (${row["Extra"]})` : ""}`
      : String(row["detail"]);
  return rows.map(say).join("; ").replaceAll("|", "\\|");
}
