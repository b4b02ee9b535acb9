import { sql, type Kysely } from "kysely";
import { addColumns } from "./add-columns.ts";
import { createIndexes } from "./create-indexes.ts";
import { dialectOf } from "../connection/dialect.ts";

/**
 * What is sent to a customer's server, one row for each task that ended; and what the checks of the ledger
 * need beside it: which accounts are frozen, how each call ended, which fence wrote an image,
 * what a task's last version was.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { tableOptions } = dialectOf(db);
  await db.schema
    .createTable("deliveries")
    .ifNotExists()
    .addColumn("id", "varchar(64)", (c) => c.primaryKey())
    .addColumn("taskId", "varchar(64)", (c) => c.notNull().unique())
    .addColumn("userId", "varchar(64)", (c) => c.notNull())
    .addColumn("url", "varchar(2048)", (c) => c.notNull())
    .addColumn("type", "varchar(32)", (c) => c.notNull())
    .addColumn("state", "varchar(32)", (c) => c.notNull())
    .addColumn("attempts", "integer", (c) => c.notNull())
    .addColumn("nextAt", "bigint", (c) => c.notNull())
    .addColumn("createdAt", "bigint", (c) => c.notNull())
    .modifyEnd(tableOptions)
    .execute();
  await addColumns(db, [
    { table: "tasks", name: "webhookUrl", type: "varchar(2048)" },
    { table: "accounts", name: "frozen", type: "varchar(255)" },
    { table: "steps", name: "unknowns", type: "integer", rule: (c) => c.notNull().defaultTo(0) },
    { table: "steps", name: "failures", type: "integer", rule: (c) => c.notNull().defaultTo(0) },
    { table: "resolutions", name: "version", type: "bigint" },
    { table: "images", name: "fence", type: "bigint", rule: (c) => c.notNull().defaultTo(0) },
  ]);
  // How earlier calls ended was not written down: all but the last count as unknown.
  await sql`update steps set unknowns = asks - 1 where asks > 1 and unknowns = 0 and failures = 0`.execute(
    db,
  );
  await createIndexes(db, [
    { name: "deliveries_due", table: "deliveries", columns: ["state", "nextAt"] },
    { name: "deliveries_user", table: "deliveries", columns: ["userId", "createdAt", "id"] },
    { name: "tasks_finished", table: "tasks", columns: ["finishedAt"] },
  ]);
}
