import { sql, type Kysely } from "kysely";
import { dialectOf } from "../connection/dialect.ts";

/** Users who sign in elsewhere: how they are known there, and users without e-mail address and password. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("identities")
    .ifNotExists()
    .addColumn("identity", "varchar(190)", (c) => c.primaryKey())
    .addColumn("userId", "varchar(64)", (c) => c.notNull())
    .addColumn("createdAt", "bigint", (c) => c.notNull())
    .modifyEnd(dialectOf(db).tableOptions)
    .execute();
  if (dialectOf(db).name === "mysql") {
    // The same again changes nothing.
    await sql`alter table users modify email varchar(190) null, modify passwordHash varchar(255) null`.execute(
      db,
    );
    return;
  }
  await allowNullOnSqlite(db);
}

/** SQLite cannot change a column: the table is made anew, all of it or nothing, since its DDL is transactional. */
async function allowNullOnSqlite(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql`
    select 1 as found from pragma_table_info('users') where name = 'email' and "notnull" = 1`.execute(
    db,
  );
  if (rows.length === 0) return;
  await db.transaction().execute(async (tx) => {
    await tx.schema
      .createTable("usersAnew")
      .addColumn("id", "varchar(64)", (c) => c.primaryKey())
      .addColumn("email", "varchar(190)", (c) => c.unique())
      .addColumn("passwordHash", "varchar(255)")
      .addColumn("role", "varchar(32)", (c) => c.notNull())
      .addColumn("createdAt", "bigint", (c) => c.notNull())
      .execute();
    await sql`insert into usersAnew (id, email, passwordHash, role, createdAt)
      select id, email, passwordHash, role, createdAt from users`.execute(tx);
    await tx.schema.dropTable("users").execute();
    await sql`alter table usersAnew rename to users`.execute(tx);
  });
}
