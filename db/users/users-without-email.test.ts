import { describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { newUser } from "../../core/ports/contracts/store.fixture.ts";
import { onMariadb } from "../../tests/on-mariadb.ts";
import { migrate } from "../migrations/migrate.ts";
import { openDatabase } from "../connection/open.ts";
import type { Db } from "../connection/db.ts";
import { createStore } from "../store.ts";
import { system } from "../../runtime/system.ts";

const OLD = {
  sqlite: [
    "alter table users rename to later",
    "create table users (id varchar(64) primary key, email varchar(190) not null unique, passwordHash varchar(255) not null, role varchar(32) not null, createdAt bigint not null)",
    "insert into users select * from later",
    "drop table later",
  ],
  mysql: [
    "alter table users modify email varchar(190) not null, modify passwordHash varchar(255) not null",
  ],
};

/** As a database was before users without an e-mail address came. */
async function makeOld({ kysely, dialect }: Db): Promise<void> {
  for (const statement of OLD[dialect.name]) await sql.raw(statement).execute(kysely);
  await sql`drop table identities`.execute(kysely);
  await sql`delete from kysely_migration where name >= '0008'`.execute(kysely);
}

function suite(name: string, open: () => Promise<Db>): void {
  describe(`the users of an older database on ${name}`, () => {
    test("are all there after the migration, run twice, and others may be without an address", async () => {
      const db = await open();
      await migrate(db.kysely);
      const store = createStore(db);
      const users = [newUser(), newUser(), newUser()];
      for (const user of users) await store.users.create(user);
      await makeOld(db);
      const insert = sql`insert into users values ('usr_x', null, null, 'customer', 1)`;
      const before: unknown = await insert.execute(db.kysely).catch((error: unknown) => error);

      const ran = await migrate(db.kysely);
      await sql`delete from kysely_migration where name >= '0008'`.execute(db.kysely);
      await migrate(db.kysely);

      expect(before).toBeInstanceOf(Error);
      expect(ran).toContain("0008-identities");
      for (const user of users) expect(await store.users.find(user.id)).toEqual(user);
      const again = await store.users.create({ ...newUser(), email: users[0]?.email ?? "" });
      expect(again).toBe("email-taken");
      const { user } = await store.users.signInAs(["x:1"], { id: "usr_y", createdAtMs: 1 });
      expect(user).toMatchObject({ id: "usr_y", email: null });
      await db.close();
    });
  });
}

suite("SQLite", () => openDatabase("sqlite::memory:", system));
onMariadb((server) => {
  suite("MariaDB", async () => openDatabase(await server().createDatabase("olderusers"), system));
});
