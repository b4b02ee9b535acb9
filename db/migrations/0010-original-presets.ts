import type { Kysely } from "kysely";
import type { Database } from "../schema.ts";

const PRESETS = [
  { kind: "scene", id: "indoor", en: "indoor", zh: "室内" },
  { kind: "scene", id: "outdoor", en: "outdoor", zh: "户外" },
  { kind: "style", id: "modern", en: "modern", zh: "现代" },
] as const;

/**
 * The words that the product's first description uses for scenes and styles, each behind all of its kind. An operator's
 * own preset of such an id stays as it is, a retired one too. Who has as many presets as one may have gets them all the
 * same: that description is to hold on every database.
 */
export async function up(db: Kysely<Database>): Promise<void> {
  for (const preset of PRESETS) {
    const last = await db
      .selectFrom("scenes")
      .select(({ fn }) => fn.max("sortNo").as("sortNo"))
      .where("kind", "=", preset.kind)
      .executeTakeFirst();
    // No preset of the kind at all gives null.
    const sortNo = Number(last?.sortNo ?? -1) + 1;
    await db
      .insertInto("scenes")
      .orIgnore()
      .values({ ...preset, sortNo })
      .execute();
  }
}
