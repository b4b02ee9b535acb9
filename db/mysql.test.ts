import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sql } from "kysely";
import {
  WINDOW,
  createOne,
  finish,
  newCustomer,
  newTask,
} from "../core/ports/contracts/store.fixture.ts";
import type { Store } from "../core/ports/store.ts";
import { migrate, MIGRATION_NAMES } from "./migrations/migrate.ts";
import { onMariadb } from "../tests/on-mariadb.ts";
import { openDatabase } from "./connection/open.ts";
import { openTestStore, type TestStore } from "./store.fixture.ts";
import { transaction } from "./connection/transaction.ts";
import { system } from "../runtime/system.ts";

/** What only a server with many connections can show. */
onMariadb((server) => {
  describe("MySQL", () => {
    let url = "";
    let opened: TestStore;
    beforeAll(async () => {
      url = await server().createDatabase("many");
      opened = await openTestStore(url);
    });
    afterAll(async () => {
      expect(await opened.broken()).toEqual([]);
      await opened.close();
    });

    test("READ COMMITTED is in force: a transaction sees what others commit meanwhile", async () => {
      const { db } = opened;
      const seen = await transaction(db, async (tx) => {
        const read = () =>
          tx.selectFrom("settings").select("textValue").where("name", "=", "rc").execute();
        const before = await read();
        await opened.store.settings.put("rc", "committed");
        return [before.length, (await read())[0]?.textValue];
      });

      expect(seen).toEqual([0, "committed"]);
    });

    test("sessions are strict, in UTC, and their lock wait ends before a statement's time", async () => {
      const { rows } = await sql<Record<string, unknown>>`
        select @@session.sql_mode as mode, @@session.time_zone as zone,
          @@session.innodb_lock_wait_timeout as lockWait, @@collation_connection as collation
      `.execute(opened.db.kysely);

      expect(rows[0]).toMatchObject({ zone: "+00:00", lockWait: 5, collation: "utf8mb4_bin" });
      expect(rows[0]?.["mode"]).toContain("STRICT_ALL_TABLES");
    });

    test("every table is InnoDB in utf8mb4_bin, whatever the database's own default", async () => {
      const { rows } = await sql<{ name: string; engine: string; collation: string }>`
        select table_name as name, engine, table_collation as collation
        from information_schema.tables where table_schema = database()
          and table_name not like 'kysely%'`.execute(opened.db.kysely);

      expect(rows).toHaveLength(14);
      expect(new Set(rows.map(({ engine }) => engine))).toEqual(new Set(["InnoDB"]));
      expect(new Set(rows.map(({ collation }) => collation))).toEqual(new Set(["utf8mb4_bin"]));
    });

    test("integers up to 2^53 and sums come back as numbers", async () => {
      const { kysely, dialect } = opened.db;
      const big = Number.MAX_SAFE_INTEGER;
      const { rows } = await sql<Record<string, unknown>>`
        select cast(${big} as signed) as big, ${opened.db.now} as nowMs,
          ${dialect.integer(sql`sum(available)`)} as total from accounts`.execute(kysely);

      expect(rows[0]?.["big"]).toBe(big);
      expect(Number.isInteger(rows[0]?.["nowMs"])).toBe(true);
      expect(Math.abs(Number(rows[0]?.["nowMs"]) - Date.now())).toBeLessThan(2_000);
    });

    test("migrations end the same when they run again and when several processes run them", async () => {
      const fresh = await server().createDatabase("migrated");
      const processes = await Promise.all([1, 2, 3].map(() => openDatabase(fresh, system)));

      const ran = await Promise.all(processes.map(({ kysely }) => migrate(kysely)));
      const again = await Promise.all(processes.map(({ kysely }) => migrate(kysely)));

      expect(ran.flat().sort()).toEqual(MIGRATION_NAMES);
      expect(again.flat()).toEqual([]);
      await Promise.all(processes.map((db) => db.close()));
    });

    test("a migration that was cut off goes on: what it made already is left as it is", async () => {
      const cut = await openDatabase(await server().createDatabase("cut"), system);
      await migrate(cut.kysely);
      await sql`drop index tasks_user on tasks`.execute(cut.kysely);
      await sql`drop table images`.execute(cut.kysely);
      await sql`delete from kysely_migration where name >= '0001'`.execute(cut.kysely);

      const ran = await migrate(cut.kysely);

      expect(ran).toEqual(MIGRATION_NAMES);
      const { rows } = await sql`select distinct index_name from information_schema.statistics
        where table_schema = database() and index_name in ('tasks_user', 'images_task')`.execute(
        cut.kysely,
      );
      expect(rows).toHaveLength(2);
      await cut.close();
    });

    test("columns that a migration added are added once, and none is lost when it goes on", async () => {
      const cut = await openDatabase(await server().createDatabase("columns"), system);
      await migrate(cut.kysely);
      await sql`alter table tasks drop column webhookUrl`.execute(cut.kysely);
      await sql`alter table steps drop column failures`.execute(cut.kysely);
      await sql`delete from kysely_migration where name >= '0005'`.execute(cut.kysely);

      await migrate(cut.kysely);

      const { rows } = await sql`select column_name from information_schema.columns
        where table_schema = database() and column_name in ('webhookUrl', 'frozen', 'failures', 'unknowns')`.execute(
        cut.kysely,
      );
      expect(rows).toHaveLength(4);
      await cut.close();
    });

    test("a refused create gives its key back without waiting for the keys of others", async () => {
      const { db, store } = opened;
      const [anna, poor] = [await newCustomer(store, 100), await newCustomer(store, 1)];
      const other = { userId: anna, route: "/create", idempotencyKey: "under way" };

      const refused = await transaction(db, async (tx) => {
        const row = { ...other, bodyHash: "x", taskId: "task_x", response: "", createdAt: 1 };
        await tx.insertInto("idempotency").values(row).execute();
        const create = newTask({ userId: poor, held: 10, key: "mine" });
        const outcome = (await store.tasks.create([create], WINDOW))[0];
        await tx
          .deleteFrom("idempotency")
          .where("taskId", "=", "task_x")
          .where(sql`userId`, "=", anna)
          .execute();
        return outcome;
      });

      expect(refused?.kind).toBe("insufficient");
      expect(await store.tasks.findReplay(poor, "/create", "mine")).toBeNull();
    });

    test("200 creates at once from ten processes, credits for 50: exactly 50", async () => {
      const userId = await newCustomer(opened.store, 500);
      const stores = await Promise.all(
        Array.from({ length: 10 }, () => openTestStore(url, { connectionsMax: 8 })),
      );

      const outcomes = await Promise.all(
        Array.from({ length: 200 }, (_, at) =>
          storeAt(stores, at).tasks.create([newTask({ userId, held: 10 })], WINDOW),
        ),
      );

      const kinds = outcomes.flat().map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === "created")).toHaveLength(50);
      expect(kinds.filter((kind) => kind === "insufficient")).toHaveLength(150);
      expect(await opened.store.credits.balance(userId)).toEqual({ available: 0, held: 500 });
      await Promise.all(stores.map((one) => one.close()));
    });

    test("creates, ends, cancels and grants mixed among processes lose no update", async () => {
      const customers = await Promise.all(
        Array.from({ length: 4 }, () => newCustomer(opened.store, 100)),
      );
      const stores = await Promise.all([1, 2, 3].map(() => openTestStore(url)));
      const userAt = (at: number) => customers[at % customers.length] ?? "";
      const live = async (at: number) => {
        const store = storeAt(stores, at);
        const taskId = await createOne(store, { userId: userAt(at), held: 5 });
        const both = await Promise.all([
          store.tasks.settle({ ...finish(taskId), ending: "canceled" }),
          storeAt(stores, at + 1).tasks.settle({ ...finish(taskId), ending: "canceled" }),
          store.tasks.create([newTask({ userId: userAt(at + 1), held: 1 })], WINDOW),
          store.queue.dispatch(WINDOW),
        ]);
        return both.slice(0, 2).filter((settled) => settled !== null).length;
      };

      const ends = await Promise.all(Array.from({ length: 60 }, (_, at) => live(at)));

      expect(new Set(ends)).toEqual(new Set([1]));
      const balances = await Promise.all(customers.map((id) => opened.store.credits.balance(id)));
      expect(balances).toEqual(customers.map(() => ({ available: 85, held: 15 })));
      expect(await opened.broken()).toEqual([]);
      await Promise.all(stores.map((one) => one.close()));
    });

    test("a deadlock's loser runs its whole transaction again", async () => {
      const { db, store } = opened;
      const [anna, bert] = [await newCustomer(store, 100), await newCustomer(store, 100)];
      const runs = { first: 0, second: 0 };
      const met = meeting(2);
      const cross = (who: keyof typeof runs, from: string, to: string) =>
        transaction(db, async (tx) => {
          runs[who] += 1;
          const raise = (id: string) =>
            tx
              .updateTable("accounts")
              .set((eb) => ({ lastKey: eb("lastKey", "+", 1) }))
              .where("id", "=", id)
              .execute();
          await raise(from);
          // Both hold one account before either asks for the other; only the first time.
          if (runs[who] === 1) await met();
          await raise(to);
        });

      await Promise.all([cross("first", anna, bert), cross("second", bert, anna)]);

      expect(runs.first + runs.second).toBe(3);
      const rows = await db.kysely
        .selectFrom("accounts")
        .select("lastKey")
        .where("id", "in", [anna, bert])
        .execute();
      expect(rows.map(({ lastKey }) => lastKey)).toEqual([2, 2]);
    });
  });
});

function storeAt(stores: readonly TestStore[], at: number): Store {
  const opened = stores[at % stores.length];
  if (opened === undefined) throw new Error("there are no stores");
  return opened.store;
}

/** Resolves for everybody once `size` have come. */
function meeting(size: number): () => Promise<void> {
  let open = () => {};
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  let come = 0;
  return async () => {
    come += 1;
    if (come === size) open();
    await all;
  };
}
