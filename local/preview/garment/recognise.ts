export const sceneIds = [
  "studio",
  "street",
  "cafe",
  "beach",
  "park",
  "home",
  "office",
  "city-night",
  "white",
] as const;
export type SceneId = (typeof sceneIds)[number];

const styleIds = [
  "casual",
  "elegant",
  "sporty",
  "business",
  "vintage",
  "minimalist",
  "street",
  "romantic",
] as const;
export type StyleId = (typeof styleIds)[number];

/** How a thing is shown: on a hanger, clipped at the waist, or standing on a plinth. */
export type GarmentKind = "top" | "bottom" | "stand";

export interface Recognised {
  readonly scene: SceneId;
  readonly style: StyleId;
  readonly garment: GarmentKind | undefined;
}

/**
 * Words of one meaning; `certain` ones are not part of other words or meanings, `broad` ones fit several and give way
 * to any other: an indoor office is an office.
 */
interface Entry<T> {
  readonly is: T;
  readonly certain: readonly string[];
  readonly perhaps?: readonly string[];
  readonly broad?: readonly string[];
}

const scenes: readonly Entry<SceneId>[] = [
  {
    is: "city-night",
    certain: ["城市夜景", "夜景", "霓虹", "city-night", "city night", "night city", "neon"],
  },
  {
    is: "white",
    certain: ["纯白背景", "白色背景", "白底", "white background", "plain white", "pure white"],
  },
  {
    is: "studio",
    certain: ["摄影棚", "影棚", "photo studio", "studio backdrop", "studio light"],
    perhaps: ["studio"],
  },
  {
    is: "cafe",
    certain: ["咖啡馆", "咖啡厅", "咖啡店", "coffee shop", "coffeehouse"],
    perhaps: ["cafe", "café"],
  },
  { is: "beach", certain: ["海滩", "海边", "沙滩", "seaside", "seashore"], perhaps: ["beach"] },
  {
    is: "park",
    certain: ["公园", "草坪", "树荫"],
    perhaps: ["park", "garden", "meadow"],
    broad: ["户外", "室外", "outdoor", "outdoors"],
  },
  {
    is: "home",
    certain: ["居家", "家居", "客厅", "卧室", "living room", "home interior"],
    perhaps: ["home"],
    broad: ["室内", "indoor", "indoors"],
  },
  { is: "office", certain: ["办公室", "写字楼"], perhaps: ["office", "workplace"] },
  {
    is: "street",
    certain: ["街头场景", "街道", "street scene", "city street", "sidewalk"],
    perhaps: ["街头", "街拍", "street"],
  },
];

const styles: readonly Entry<StyleId>[] = [
  {
    is: "street",
    certain: ["街头潮流", "潮流", "streetwear", "street style", "urban trend"],
  },
  {
    is: "minimalist",
    certain: ["极简", "简约", "minimalist", "minimalism", "minimal"],
    broad: ["现代", "modern"],
  },
  { is: "elegant", certain: ["优雅", "elegant", "elegance"] },
  { is: "sporty", certain: ["运动", "sporty", "athletic", "sportswear"] },
  { is: "business", certain: ["商务", "business", "formal"] },
  { is: "vintage", certain: ["复古", "vintage", "retro"] },
  { is: "romantic", certain: ["浪漫", "romantic", "dreamy"] },
  { is: "casual", certain: ["休闲", "casual", "relaxed"] },
];

const garments: readonly Entry<GarmentKind>[] = [
  {
    is: "stand",
    certain: ["鞋", "靴", "帽", "手提包", "背包", "挎包", "shoe", "shoes", "sneaker", "sneakers"],
    perhaps: ["boot", "boots", "sandals", "hat", "cap", "beanie", "handbag", "bag", "backpack"],
  },
  {
    is: "bottom",
    certain: ["裤", "半身裙", "短裙", "百褶裙", "trousers", "pants", "jeans", "shorts", "leggings"],
    perhaps: ["skirt"],
  },
  {
    is: "top",
    certain: ["连衣裙", "衬衫", "外套", "夹克", "毛衣", "卫衣", "上衣", "大衣", "恤", "t-shirt"],
    perhaps: ["dress", "shirt", "jacket", "coat", "sweater", "hoodie", "blouse", "cardigan", "top"],
  },
];

/**
 * What the prompt asks for. It is free text of another program, in Chinese or English, and is all that
 * the image model gets: certain phrases win over single words, longer over shorter, earlier over later.
 */
export function recognise(prompt: string): Recognised {
  const text = prompt.toLowerCase();
  const style = find(text, styles);
  // "street style" and its kin speak of clothes; they must not turn a beach into a street.
  const forScene = styles
    .filter((entry) => entry.is === "street")
    .flatMap((entry) => entry.certain)
    .reduce((rest, phrase) => rest.replaceAll(phrase, " "), withoutStyleLine(text));
  const labelled = /\bscene:\s*([a-z]+(?:-[a-z]+)?)/.exec(text)?.[1];
  const exact = sceneIds.find((id) => id === labelled) ?? broadScene(labelled);
  return {
    scene: exact ?? find(forScene, scenes) ?? "studio",
    style: style ?? "casual",
    garment: find(text, garments),
  };
}

function broadScene(word: string | undefined): SceneId | undefined {
  return scenes.find(({ broad }) => word !== undefined && broad?.includes(word) === true)?.is;
}

// "street (街头潮流)" names the style in both languages: the English word goes with the Chinese one.
function withoutStyleLine(text: string): string {
  return text
    .replaceAll(/street\s*[(（]\s*街头潮流\s*[)）]/g, " ")
    .replaceAll(/街头潮流\s*[(（]\s*street\s*[)）]/g, " ")
    .replaceAll(/\bstyle:\s*street\b/g, " ")
    .replaceAll(/\bstreet\s+(style|look|fashion|mood)\b/g, " ");
}

function find<T>(text: string, entries: readonly Entry<T>[]): T | undefined {
  const hits = entries.flatMap((entry) => [
    ...entry.certain.map((phrase) => ({ is: entry.is, phrase, rank: 2 })),
    ...(entry.perhaps ?? []).map((phrase) => ({ is: entry.is, phrase, rank: 1 })),
    ...(entry.broad ?? []).map((phrase) => ({ is: entry.is, phrase, rank: 0 })),
  ]);
  return hits
    .map((hit) => ({ ...hit, at: position(text, hit.phrase) }))
    .filter((hit) => hit.at >= 0)
    .toSorted((a, b) => b.rank - a.rank || b.phrase.length - a.phrase.length || a.at - b.at)[0]?.is;
}

function position(text: string, phrase: string): number {
  if (!/^[\w\s-]+$/.test(phrase)) return text.indexOf(phrase);
  return text.search(new RegExp(`(?<![a-z])${phrase}(?![a-z])`));
}
