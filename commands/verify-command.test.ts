import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { claimedTask, imageDone, promptDone } from "../core/ports/contracts/store.fixture.ts";
import { migrate } from "../db/migrations/migrate.ts";
import { openDatabase } from "../db/connection/open.ts";
import type { Db } from "../db/connection/db.ts";
import { createStore } from "../db/store.ts";
import { system } from "../runtime/system.ts";

const COMMAND = resolve(import.meta.dir, "verify-command.ts");
let folder = "";
let url = "";
let db: Db;
let userId = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "drape-verify-"));
  url = `sqlite:${join(folder, "books.sqlite")}`;
  db = await openDatabase(url, system);
  await migrate(db.kysely);
  const store = createStore(db);
  const claimed = await claimedTask(store);
  const { taskId } = claimed;
  ({ userId } = claimed);
  await store.tasks.checkpoint(claimed.claim, [promptDone, imageDone(0, taskId)]);
  const { fence } = claimed.claim;
  await store.tasks.settle({ taskId, fence, ending: "finished", error: null, actor: "system" });
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

describe("ledger:verify", () => {
  test("exits 0 on a sound ledger", () => {
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

  test("frees a frozen account once its credits add up again, and not before", async () => {
    await createStore(db).credits.holdAccounts([{ account: userId, reason: "I1: a test" }]);
    await sql`update accounts set held = held + 1 where id = ${userId}`.execute(db.kysely);
    const early = verify("--clear", userId);
    await sql`update accounts set held = held - 1 where id = ${userId}`.execute(db.kysely);

    const [cleared, again] = [verify("--clear", userId), verify("--clear", userId)];

    expect([early.code, cleared.code, again.code]).toEqual([1, 0, 0]);
    expect(early.out).toContain("stays frozen");
    expect(cleared.out).toContain("I1: a test");
    expect(again.out).toContain("is not frozen");
    expect(verify("--clear", "usr_nobody").code).toBe(1);
    const acts = await createStore(db).audit.list({ limit: 10 });
    const own = acts.filter(({ subject }) => subject === userId);
    expect(own.map(({ action, actor }) => [action, actor])).toEqual([
      ["account.clear", "operator"],
      ["account.freeze", "system"],
    ]);
  });

  test("says which variables are missing when it shall look for objects and knows no cloud", () => {
    const { code, err } = verify("--objects");

    expect(code).toBe(2);
    expect(err).toContain("TENCENTCLOUD_SECRET_ID");
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
