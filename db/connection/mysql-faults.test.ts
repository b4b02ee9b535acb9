import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { DrapeError } from "../../core/model/errors.ts";
import {
  WINDOW,
  createOne,
  newCustomer,
  newTask,
} from "../../core/ports/contracts/store.fixture.ts";
import { until } from "../../tests/until.ts";
import { onOwnMariadb } from "../../tests/on-mariadb.ts";
import { openDatabase } from "./open.ts";
import { openTestStore, type TestStore } from "../store.fixture.ts";
import { transaction } from "./transaction.ts";
import { system } from "../../runtime/system.ts";

/** A server that goes away, refuses and hangs. */
onOwnMariadb((server) => {
  describe("a MySQL that fails", () => {
    let url = "";
    let opened: TestStore;
    beforeAll(async () => {
      ({ url } = server());
      opened = await openTestStore(url, { queryTimeoutMs: 1_000, connectTimeoutMs: 1_000 });
    });
    afterAll(async () => {
      expect(await opened.broken()).toEqual([]);
      await opened.close();
    });

    test("killed in the middle of creates, it has every acknowledged one when it is back", async () => {
      const { store } = opened;
      const userId = await newCustomer(store, 1_000_000);
      const acknowledged: string[] = [];
      const failures: unknown[] = [];
      const state = { isKilled: false };
      const writers = Array.from({ length: 8 }, async () => {
        while (!state.isKilled || failures.length === 0) {
          const create = newTask({ userId, held: 1 });
          try {
            await store.tasks.create([create], WINDOW);
            acknowledged.push(create.task.id);
          } catch (error) {
            // A busy machine may take longer than the short limits of this file as well.
            if (state.isKilled) failures.push(error);
          }
        }
      });

      await until(async () => acknowledged.length > 30);
      await server().kill();
      state.isKilled = true;
      await Promise.all(writers);
      const whileDown = await Promise.allSettled([store.ping(), store.tasks.find("task_x")]);
      await server().restart();
      await until(async () =>
        store.ping().then(
          () => true,
          () => false,
        ),
      );

      const { rows } = await sql<{ id: string }>`
        select id from tasks where userId = ${userId}`.execute(opened.db.kysely);
      const stored = new Set(rows.map(({ id }) => id));
      expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
      expect(failures.length).toBeGreaterThan(0);
      for (const failure of failures) expect(codeOf(failure)).toBe("UNAVAILABLE");
      for (const read of whileDown)
        expect(read.status === "rejected" && codeOf(read.reason)).toBe("UNAVAILABLE");
      expect(await opened.broken()).toEqual([]);
    });

    test("an error before the commit says that nothing ran, one at the commit that nobody knows", async () => {
      const { db, store } = opened;
      const cutOff = async (at: "work" | "commit") =>
        transaction(db, async (tx) => {
          const { rows } = await sql<{ id: number }>`select connection_id() as id`.execute(tx);
          await sql`kill connection ${rows[0]?.id ?? 0}`.execute(db.kysely);
          if (at === "work") await sql`select 1`.execute(tx);
        });

      const [before, during] = await Promise.allSettled([cutOff("work"), cutOff("commit")]);

      expect(factsOf(before)).toEqual(["UNAVAILABLE", "no"]);
      expect(factsOf(during)).toEqual(["UNAVAILABLE", "unknown"]);
      await store.ping();
    });

    test("a read-only server makes writes UNAVAILABLE, and they work again after it", async () => {
      const userId = await newCustomer(opened.store, 100);
      const reader = await openDatabase(url, { ...system, connectionsMax: 1 });
      await sql`set session transaction read only`.execute(reader.kysely);

      const refused = await Promise.allSettled([
        transaction(reader, (tx) =>
          tx.updateTable("accounts").set({ lastKey: 1 }).where("id", "=", userId).execute(),
        ),
      ]);
      await sql`set session transaction read write`.execute(reader.kysely);
      await transaction(reader, (tx) =>
        tx.updateTable("accounts").set({ lastKey: 1 }).where("id", "=", userId).execute(),
      );

      expect(factsOf(refused[0])).toEqual(["UNAVAILABLE", "no"]);
      await reader.close();
    });

    test("a statement that takes too long is given up, and its connection with it", async () => {
      // One connection: while the server sleeps on it, the next statement needs another.
      const limits = { connectionsMax: 1, queryTimeoutMs: 1_000, connectTimeoutMs: 1_000 };
      const narrow = await openTestStore(url, limits);
      const userId = await newCustomer(narrow.store, 100);
      const startedMs = performance.now();

      const slow = await Promise.allSettled([
        transaction(narrow.db, (tx) => sql`select sleep(20)`.execute(tx)),
      ]);
      await createOne(narrow.store, { userId, held: 1 });

      expect(factsOf(slow[0])).toEqual(["UNAVAILABLE", "no"]);
      expect(performance.now() - startedMs).toBeLessThan(5_000);
      await narrow.close();
    });

    test("when all connections are taken, waiting ends", async () => {
      const narrow = await openDatabase(url, {
        ...system,
        connectionsMax: 1,
        connectTimeoutMs: 200,
      });
      const [, second] = await Promise.allSettled([
        transaction(narrow, () => transaction(narrow, async () => "never")),
        transaction(narrow, async () => "never"),
      ]);

      expect(factsOf(second)).toEqual(["UNAVAILABLE", "no"]);
      expect(await transaction(narrow, async () => "free again")).toBe("free again");
      await narrow.close();
    });

    test("a wrong database or password is UNAVAILABLE and tells the operator where to look", async () => {
      const wrong = [url.replace("/drape", "/nothing"), url.replace("root@", "root:wrong@")];

      const reported = await Promise.all(
        wrong.map(async (target) => {
          const { store } = opened;
          const db = await openDatabase(target, system);
          const error: unknown = await transaction(db, async () => store.ping()).catch(
            (failure: unknown) => failure,
          );
          await db.close();
          return error instanceof DrapeError ? [error.code, error.operatorMessage] : [error];
        }),
      );

      for (const [code, operatorMessage] of reported) {
        expect(code).toBe("UNAVAILABLE");
        expect(String(operatorMessage)).toContain("DATABASE_URL");
      }
    });

    test("a URL that cannot be read is refused without being repeated", async () => {
      for (const bad of ["mysql://root:secret@host", "mysql://root:secret@host/a b", "pg:x"]) {
        const error: unknown = await openDatabase(bad, system).catch((failure: unknown) => failure);

        expect(String(error)).toContain("DATABASE_URL");
        expect(String(error)).not.toContain("secret");
      }
    });
  });
});

function codeOf(error: unknown): string {
  return error instanceof DrapeError ? error.code : String(error);
}

function factsOf(outcome: PromiseSettledResult<unknown> | undefined): unknown {
  if (outcome?.status !== "rejected") return outcome?.status;
  const { reason }: { reason: unknown } = outcome;
  return reason instanceof DrapeError ? [reason.code, reason.ran] : String(reason);
}
