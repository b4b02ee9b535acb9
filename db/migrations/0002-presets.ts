import type { Kysely } from "kysely";
import type { Database } from "../schema.ts";

// The rows stand here, so that an old database and a new one are given the same, whatever the code says later.
const SCENES_AND_STYLES = [
  { id: "studio", kind: "scene", en: "studio", zh: "摄影棚" },
  { id: "street", kind: "scene", en: "street", zh: "街头" },
  { id: "cafe", kind: "scene", en: "cafe", zh: "咖啡馆" },
  { id: "beach", kind: "scene", en: "beach", zh: "海滩" },
  { id: "park", kind: "scene", en: "park", zh: "公园" },
  { id: "home", kind: "scene", en: "home interior", zh: "居家" },
  { id: "office", kind: "scene", en: "office", zh: "办公室" },
  { id: "city-night", kind: "scene", en: "city at night", zh: "城市夜景" },
  { id: "white", kind: "scene", en: "plain white background", zh: "纯白背景" },
  { id: "casual", kind: "style", en: "casual", zh: "休闲" },
  { id: "elegant", kind: "style", en: "elegant", zh: "优雅" },
  { id: "sporty", kind: "style", en: "sporty", zh: "运动" },
  { id: "business", kind: "style", en: "business", zh: "商务" },
  { id: "vintage", kind: "style", en: "vintage", zh: "复古" },
  { id: "minimalist", kind: "style", en: "minimalist", zh: "极简" },
  { id: "streetwear", kind: "style", en: "streetwear", zh: "潮流" },
  { id: "romantic", kind: "style", en: "romantic", zh: "浪漫" },
] as const;

/** The presets and settings that a new database starts with. What an operator changed meanwhile stays. */
export async function up(db: Kysely<Database>): Promise<void> {
  const rows = SCENES_AND_STYLES.map((preset, sortNo) => ({ ...preset, sortNo }));
  await db.insertInto("scenes").orIgnore().values(rows).execute();
  await db
    .insertInto("settings")
    .orIgnore()
    .values({ name: "virtualTime", textValue: null, numberValue: 0 })
    .execute();
}
