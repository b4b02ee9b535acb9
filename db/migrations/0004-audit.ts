import type { Kysely } from "kysely";
import { createIndexes } from "./create-indexes.ts";
import { dialectOf } from "../connection/dialect.ts";

/** What administrators did. The application only ever inserts and reads these rows. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { longText, tableOptions } = dialectOf(db);
  await db.schema
    .createTable("audit")
    .ifNotExists()
    .addColumn("id", "varchar(64)", (c) => c.primaryKey())
    .addColumn("actor", "varchar(64)", (c) => c.notNull())
    .addColumn("action", "varchar(64)", (c) => c.notNull())
    .addColumn("subject", "varchar(64)", (c) => c.notNull())
    .addColumn("detail", longText, (c) => c.notNull())
    .addColumn("createdAt", "bigint", (c) => c.notNull())
    .modifyEnd(tableOptions)
    .execute();
  await createIndexes(db, [{ name: "audit_time", table: "audit", columns: ["createdAt", "id"] }]);
}
