import type { Kysely } from "kysely";
import { createIndexes } from "./create-indexes.ts";
import { dialectOf } from "../connection/dialect.ts";

const FIGURES = ["calls", "megabyteMs", "images", "inputTokens", "outputTokens", "bytes"] as const;

/** What each task used at the platform and the providers, by function and provider. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { tableOptions } = dialectOf(db);
  let table = db.schema
    .createTable("taskUsage")
    .ifNotExists()
    .addColumn("taskId", "varchar(64)", (c) => c.notNull())
    .addColumn("functionName", "varchar(64)", (c) => c.notNull())
    .addColumn("provider", "varchar(200)", (c) => c.notNull());
  for (const figure of FIGURES) table = table.addColumn(figure, "bigint", (c) => c.notNull());
  await table
    .addColumn("notedAt", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("taskUsage_place", ["taskId", "functionName", "provider"])
    .modifyEnd(tableOptions)
    .execute();
  await createIndexes(db, [{ name: "taskUsage_noted", table: "taskUsage", columns: ["notedAt"] }]);
}
