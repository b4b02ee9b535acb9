import type { Kysely } from "kysely";
import type { Database } from "../schema.ts";

const GARMENTS = [
  { id: "t-shirt", kind: "garment", en: "t-shirt", zh: "T恤" },
  { id: "longsleeve", kind: "garment", en: "long-sleeved top", zh: "长袖上衣" },
  { id: "shirt", kind: "garment", en: "shirt", zh: "衬衫" },
  { id: "blouse", kind: "garment", en: "blouse", zh: "女式衬衫" },
  { id: "polo", kind: "garment", en: "polo shirt", zh: "Polo衫" },
  { id: "vest", kind: "garment", en: "tank top", zh: "背心" },
  { id: "sweater", kind: "garment", en: "sweater", zh: "毛衣" },
  { id: "cardigan", kind: "garment", en: "cardigan", zh: "开衫" },
  { id: "hoodie", kind: "garment", en: "hoodie", zh: "卫衣" },
  { id: "jacket", kind: "garment", en: "jacket", zh: "夹克" },
  { id: "blazer", kind: "garment", en: "blazer", zh: "西装外套" },
  { id: "coat", kind: "garment", en: "coat", zh: "大衣" },
  { id: "down-jacket", kind: "garment", en: "down jacket", zh: "羽绒服" },
  { id: "dress", kind: "garment", en: "dress", zh: "连衣裙" },
  { id: "qipao", kind: "garment", en: "qipao", zh: "旗袍" },
  { id: "skirt", kind: "garment", en: "skirt", zh: "半身裙" },
  { id: "pants", kind: "garment", en: "trousers", zh: "长裤" },
  { id: "jeans", kind: "garment", en: "jeans", zh: "牛仔裤" },
  { id: "shorts", kind: "garment", en: "shorts", zh: "短裤" },
  { id: "jumpsuit", kind: "garment", en: "jumpsuit", zh: "连体裤" },
  { id: "suit", kind: "garment", en: "suit", zh: "套装" },
  { id: "swimsuit", kind: "garment", en: "swimsuit", zh: "泳衣" },
  { id: "pyjamas", kind: "garment", en: "pyjamas", zh: "睡衣" },
  { id: "shoes", kind: "garment", en: "shoes", zh: "鞋子" },
  { id: "hat", kind: "garment", en: "hat", zh: "帽子" },
  { id: "scarf", kind: "garment", en: "scarf", zh: "围巾" },
  { id: "bag", kind: "garment", en: "handbag", zh: "手提包" },
] as const;

/** Words for garment types, beside those for scenes and styles. What an operator has added meanwhile stays. */
export async function up(db: Kysely<Database>): Promise<void> {
  const rows = GARMENTS.map((garment, sortNo) => ({ ...garment, sortNo }));
  await db.insertInto("scenes").orIgnore().values(rows).execute();
}
