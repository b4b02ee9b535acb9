import type { Scene } from "./ports/store.ts";

/** The presets that a new database starts with; an operator adds more as rows. */
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
