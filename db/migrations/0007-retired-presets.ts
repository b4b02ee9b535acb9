import type { Kysely } from "kysely";
import { addColumns } from "./add-columns.ts";
import type { Database } from "../schema.ts";

/** Since when no new task may name a preset (null for one in use), and the row that every change of one locks. */
export async function up(db: Kysely<Database>): Promise<void> {
  await addColumns(db, [{ table: "scenes", name: "retiredAt", type: "bigint" }]);
  await db
    .insertInto("settings")
    .orIgnore()
    .values({ name: "presets", textValue: null, numberValue: 0 })
    .execute();
}
