import type { Kysely } from "kysely";
import { DEFAULT_GARMENTS } from "../../core/model/default-presets.ts";
import type { Database } from "../schema.ts";

/** Words for garment types, beside those for scenes and styles. What an operator has added meanwhile stays. */
export async function up(db: Kysely<Database>): Promise<void> {
  const rows = DEFAULT_GARMENTS.map((garment, sortNo) => ({ ...garment, sortNo }));
  await db.insertInto("scenes").orIgnore().values(rows).execute();
}
