import { beforeAll, describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { system } from "../../runtime/system.ts";
import { onMariadb } from "../../tests/on-mariadb.ts";
import type { Db } from "../connection/db.ts";
import { openDatabase } from "../connection/open.ts";
import { migrate, MIGRATION_NAMES, migrateTo } from "./migrate.ts";

function suite(name: string, open: () => Promise<Db>): void {
  describe(`a database of an earlier version on ${name}`, () => {
    let fresh: { readonly schema: readonly string[]; readonly seeds: unknown[][] };
    beforeAll(async () => {
      const db = await open();
      await migrate(db.kysely);
      fresh = { schema: await schemaOf(db), seeds: await seedsOf(db) };
      await db.close();
    });

    test.each(MIGRATION_NAMES)(
      "left after %s becomes the same as a fresh one and keeps its customers",
      async (step) => {
        const db = await open();
        await migrateTo(db.kysely, step);
        await sql`insert into users (id, email, passwordHash, role, createdAt)
        values ('usr_old', 'old@example.com', 'scrypt$', 'customer', 5)`.execute(db.kysely);
        await sql`insert into accounts (id, available, held, lastKey) values ('usr_old', 70, 0, 9)`.execute(
          db.kysely,
        );

        await migrate(db.kysely);

        const users = await sql`select id, email, role, createdAt from users`.execute(db.kysely);
        const accounts = await sql`select id, available, held, lastKey, frozen from accounts
        where id = 'usr_old'`.execute(db.kysely);
        expect({ schema: await schemaOf(db), seeds: await seedsOf(db) }).toEqual(fresh);
        expect(users.rows).toEqual([
          { id: "usr_old", email: "old@example.com", role: "customer", createdAt: 5 },
        ]);
        expect(accounts.rows).toEqual([
          { id: "usr_old", available: 70, held: 0, lastKey: 9, frozen: null },
        ]);
        await db.close();
      },
    );

    test("a migration that was run already changes nothing", async () => {
      const db = await open();
      await migrate(db.kysely);
      const before = await schemaOf(db);

      const done = await migrate(db.kysely);

      expect(done).toEqual([]);
      expect(await schemaOf(db)).toEqual(before);
      await db.close();
    });
  });
}

/** Columns with their types, and indexes with their columns, whatever order they were made in. */
async function schemaOf(db: Db): Promise<readonly string[]> {
  return db.dialect.name === "mysql" ? mysqlSchema(db) : sqliteSchema(db);
}

async function mysqlSchema({ kysely }: Db): Promise<readonly string[]> {
  const columns = await sql<Row>`
    select table_name t, column_name a, column_type b, is_nullable c, column_default d, collation_name e
    from information_schema.columns where table_schema = database()`.execute(kysely);
  const indexes = await sql<Row>`
    select table_name t, index_name a, seq_in_index b, column_name c, non_unique d, '' e
    from information_schema.statistics where table_schema = database()`.execute(kysely);
  return [...columns.rows, ...indexes.rows].map(lineOf).filter(isOurs).toSorted();
}

async function sqliteSchema({ kysely }: Db): Promise<readonly string[]> {
  const columns = await sql<Row>`
    select m.name t, p.name a, p.type b, p."notnull" c, p.dflt_value d, p.pk e
    from sqlite_master m join pragma_table_info(m.name) p where m.type = 'table'`.execute(kysely);
  const indexes = await sql<Row>`
    select m.name t, l.name a, i.seqno b, i.name c, l."unique" d, l.origin e
    from sqlite_master m join pragma_index_list(m.name) l join pragma_index_info(l.name) i
    where m.type = 'table'`.execute(kysely);
  return [...columns.rows, ...indexes.rows].map(lineOf).filter(isOurs).toSorted();
}

type Row = Readonly<Record<"t" | "a" | "b" | "c" | "d" | "e", string | number | null>>;
const lineOf = ({ t, a, b, c, d, e }: Row) => [t, a, b, c, d, e].join(" ");
const isOurs = (line: string) => !line.startsWith("kysely_");

async function seedsOf({ kysely }: Db) {
  const scenes = await sql`select * from scenes order by kind, id`.execute(kysely);
  const settings = await sql`select * from settings order by name`.execute(kysely);
  return [scenes.rows, settings.rows];
}

suite("SQLite", () => openDatabase("sqlite::memory:", system));
onMariadb((server) => {
  let made = 0;
  suite("MariaDB", async () =>
    openDatabase(await server().createDatabase(`step${made++}`), system),
  );
});
