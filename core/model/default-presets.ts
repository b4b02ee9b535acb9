import type { Scene } from "../ports/store.ts";

/** The presets that a new database starts with; an administrator adds more. */
export const DEFAULT_SCENES: readonly Scene[] = [
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
];

/** Words for what a garment is. A customer may say another; the prompt's model then takes that. */
export const DEFAULT_GARMENTS: readonly Scene[] = [
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
];

/**
 * The word of the vocabulary that a customer means: its id or its English or Chinese name, whatever the case.
 * Undefined when they said nothing or a word of their own.
 */
export function findGarment(
  presets: readonly Scene[],
  clothingType: string | undefined,
): Scene | undefined {
  const said = clothingType?.trim().toLowerCase();
  if (said === undefined || said === "") return undefined;
  const names = ({ id, en, zh }: Scene) => [id, en.toLowerCase(), zh.toLowerCase()];
  return presets.find((preset) => preset.kind === "garment" && names(preset).includes(said));
}
