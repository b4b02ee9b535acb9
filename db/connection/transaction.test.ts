import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { DrapeError } from "../../core/model/errors.ts";
import { migrate } from "../migrations/migrate.ts";
import { openDatabase } from "./open.ts";
import type { Db } from "./db.ts";
import { transaction } from "./transaction.ts";
import { system } from "../../runtime/system.ts";

/** A SQLite file that another process is writing to. */
describe("a busy SQLite", () => {
  let folder = "";
  let ours: Db;
  let theirs: Db;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "drape-busy-"));
    const url = `sqlite:${join(folder, "test.sqlite")}`;
    ours = await openDatabase(url, system);
    await migrate(ours.kysely);
    theirs = await openDatabase(url, system);
    await sql`pragma busy_timeout = 1`.execute(ours.kysely);
  });
  afterAll(async () => {
    await ours.close();
    await theirs.close();
    rmSync(folder, { recursive: true });
  });

  test("is tried again until its lock is free", async () => {
    const runs: string[] = [];
    await sql`begin immediate`.execute(theirs.kysely);
    const waiting = transaction(ours, async () => {
      runs.push("ran");
      return "done";
    });
    const refusedAtFirst = await Promise.race([waiting, new Promise((r) => setTimeout(r, 5))]);
    await sql`commit`.execute(theirs.kysely);

    expect(refusedAtFirst).toBeUndefined();
    expect(await waiting).toBe("done");
    expect(runs).toEqual(["ran"]);
  });

  test("is UNAVAILABLE when it stays busy, and nothing ran", async () => {
    await sql`begin immediate`.execute(theirs.kysely);

    const error: unknown = await transaction(ours, async () => "never").catch(
      (failure: unknown) => failure,
    );
    await sql`commit`.execute(theirs.kysely);

    expect(error).toBeInstanceOf(DrapeError);
    expect(error).toMatchObject({ code: "UNAVAILABLE", ran: "no" });
  });
});
