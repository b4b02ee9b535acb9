import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { claimedTask, imageDone, promptDone } from "../core/ports/store-fixtures.ts";
import { migrate } from "./migrate.ts";
import { openDatabase, type Db } from "./open.ts";
import { createStore } from "./store.ts";
import { verifyLedger } from "./verify-ledger.ts";

const COMMAND = resolve(import.meta.dir, "verify-command.ts");
let folder = "";
let url = "";
let db: Db;
let userId = "";
let taskId = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "drape-verify-"));
  url = `sqlite:${join(folder, "books.sqlite")}`;
  db = await openDatabase(url);
  await migrate(db.kysely);
  const store = createStore(db);
  const claimed = await claimedTask(store);
  ({ userId, taskId } = claimed);
  await store.checkpoint(claimed.place, [promptDone, imageDone(0)]);
  const { fence } = claimed.place;
  await store.settle({ taskId, fence, ending: "finished", error: null, actor: "system" });
});
afterAll(async () => {
  await db.close();
  rmSync(folder, { recursive: true });
});

function verify(...args: string[]) {
  const run = spawnSync(process.execPath, [COMMAND, "--database", url, ...args], {
    encoding: "utf8",
  });
  return { code: run.status, out: run.stdout, err: run.stderr };
}

async function broken(): Promise<string[]> {
  const results = await verifyLedger(db.kysely, Date.now());
  return results.filter(({ findings }) => findings.length > 0).map(({ invariant }) => invariant);
}

describe("ledger:verify", () => {
  test("exits 0 on sound books", () => {
    const { code, out } = verify();

    expect(code).toBe(0);
    expect(out).toContain("all invariants hold");
  });

  test("exits 1 and names the account after one credit was added by hand", async () => {
    await sql`update accounts set available = available + 1 where id = ${userId}`.execute(
      db.kysely,
    );
    const plain = verify();
    const json = verify("--json");
    await sql`update accounts set available = available - 1 where id = ${userId}`.execute(
      db.kysely,
    );

    expect([plain.code, json.code, verify().code]).toEqual([1, 1, 0]);
    expect(plain.out).toContain(userId);
    expect(JSON.parse(json.out)).toMatchObject({ ok: false });
  });

  test("finds each kind of damage, by the invariant it breaks", async () => {
    const damages: readonly (readonly [string, string, string])[] = [
      [
        "I1",
        "update transfers set amount = amount + 1 where kind = 'post'",
        "update transfers set amount = amount - 1 where kind = 'post'",
      ],
      [
        "I4a",
        "update tasks set heldCredits = heldCredits + 1",
        "update tasks set heldCredits = heldCredits - 1",
      ],
      ["I4b", "update tasks set status = 'running'", "update tasks set status = 'partial'"],
      [
        "I4c",
        "update steps set priceCredits = priceCredits + 1 where step = 'generate'",
        "update steps set priceCredits = priceCredits - 1 where step = 'generate'",
      ],
      ["I5", "update images set taskId = 'x'", `update images set taskId = '${taskId}'`],
      [
        "I6",
        "update tasks set finishedAt = -finishedAt, fence = 0 - fence",
        "update tasks set finishedAt = -finishedAt, fence = 0 - fence",
      ],
      ["I10", "update steps set asks = 99", "update steps set asks = 0"],
    ];
    const before = await broken();

    for (const [invariant, damage, repair] of damages) {
      await sql.raw(damage).execute(db.kysely);
      const found = await broken();
      await sql.raw(repair).execute(db.kysely);
      expect([damage, found.includes(invariant)]).toEqual([damage, true]);
    }

    expect([before, await broken()]).toEqual([[], []]);
  });

  test("says what is missing when there is no database, and makes none", () => {
    const run = spawnSync(
      process.execPath,
      [COMMAND, "--database", `sqlite:${folder}/none.sqlite`],
      { encoding: "utf8" },
    );

    expect(run.status).toBe(2);
    expect(run.stderr).toContain("There is no database");
  });
});
