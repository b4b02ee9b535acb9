import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { newCustomer } from "../core/ports/contracts/store.fixture.ts";
import { onMariadb } from "../tests/on-mariadb.ts";
import { openTestStore } from "../db/store.fixture.ts";

/** db:migrate and ledger:verify on MySQL; on SQLite, verify-command.test.ts and the journeys show them. */
onMariadb((server) => {
  describe("the commands on MySQL", () => {
    test("ledger:verify refuses a database that was never migrated; db:migrate makes it, once", async () => {
      const url = await server().createDatabase("commands");

      const before = run("verify-command.ts", url);
      const [first, second] = [run("migrate-command.ts", url), run("migrate-command.ts", url)];
      const after = run("verify-command.ts", url);

      expect([before.code, first.code, second.code, after.code]).toEqual([2, 0, 0, 0]);
      expect(before.err).toContain("run db:migrate");
      expect(first.out).toContain("0001-init");
      expect(second.out).toContain("up to date");
      expect(after.out).toContain("all invariants hold");
    });

    test("ledger:verify names the account after one credit was added by hand", async () => {
      const url = await server().createDatabase("damaged");
      const { db, store, close } = await openTestStore(url);
      const userId = await newCustomer(store, 10);
      await sql`update accounts set available = available + 1`.execute(db.kysely);
      await close();

      const { code, out } = run("verify-command.ts", url);

      expect(code).toBe(1);
      // Numbers, not the text that MySQL makes of its sums.
      expect(out).toContain(
        JSON.stringify({
          account: userId,
          available: 11,
          availableByTransfers: 10,
          held: 0,
          heldByTransfers: 0,
        }),
      );
      expect(out).toContain(`"issued":10,"available":11,"held":0,"revenue":0`);
    });

    test("both say that the server cannot be reached, without the password", async () => {
      const url = "mysql://root:secret@127.0.0.1:9/drape";

      for (const program of ["verify-command.ts", "migrate-command.ts"]) {
        const { code, out, err } = run(program, url);

        expect(code).toBeGreaterThan(0);
        expect(err).toMatch(/ECONNREFUSED|refused|cannot be reached/);
        expect(out + err).not.toContain("secret");
      }
    });
  });
});

function run(program: string, url: string) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [resolve(import.meta.dir, program)],
    { encoding: "utf8", env: { ...process.env, DATABASE_URL: url } },
  );
  return { code: status, out: stdout, err: stderr };
}
