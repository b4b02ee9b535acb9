import type { Kysely } from "kysely";
import { DEFAULT_SCENES } from "../../core/model/default-presets.ts";
import type { Database } from "../schema.ts";

/** The presets and settings that a new database starts with. What an operator changed meanwhile stays. */
export async function up(db: Kysely<Database>): Promise<void> {
  const rows = DEFAULT_SCENES.map((scene, sortNo) => ({ ...scene, sortNo }));
  await db.insertInto("scenes").orIgnore().values(rows).execute();
  await db
    .insertInto("settings")
    .orIgnore()
    .values({ name: "virtualTime", textValue: null, numberValue: 0 })
    .execute();
}
