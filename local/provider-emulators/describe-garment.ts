import type { Garment } from "../../core/function-schemas/prompt-generator.ts";
import type { CutOutCache } from "../preview/garment/cut-out-cache.ts";
import { hasLegs, isPair, spanShare } from "../preview/garment/garment-shape.ts";
import type { Raster } from "../preview/layer.ts";
import { subjectOf } from "../preview/garment/subject.ts";
import { nameColour, type ColourName } from "./colour-names.ts";
import { guessPattern } from "./pattern.ts";

export interface Described {
  readonly garment: Garment;
  readonly typeZh: string;
  readonly colours: readonly [ColourName, ...ColourName[]];
  readonly patternZh: string;
}

/** Colours with a smaller share of the garment are not worth a word. */
const SHARE_MIN = 0.06;

/** Looks at a photo: colours, pattern and (unless `named` says it) the type of the garment. A preview guesses no material. */
export async function describeGarment(
  photo: Uint8Array,
  named: { readonly en: string; readonly zh: string } | undefined,
  cutOuts: CutOutCache,
): Promise<Described> {
  const cut = await cutOuts.cutOut(photo);
  const subject = await subjectOf(photo, { ...cut, confidence: 1 }, undefined);
  const names = subject.colours
    .filter(({ share }) => share >= SHARE_MIN)
    .map(({ lch }) => nameColour(lch));
  const [first = { en: "grey", zh: "灰色" }, ...more] = names.filter(
    (name, at) => names.findIndex((other) => other.en === name.en) === at,
  );
  const type = named?.en.toLowerCase().slice(0, 60) ?? guessType(subject.picture, subject.kind);
  const pattern = guessPattern(subject.picture, subject.colours[0]?.share ?? 1);
  return {
    garment: {
      type,
      colors: [first.en, ...more.slice(0, 3).map(({ en }) => en)],
      pattern: pattern.en,
      ...sleeveOf(type),
      ...lengthOf(subject.picture, type),
    },
    typeZh:
      (named === undefined || named.zh === named.en ? typesZh[type] : named.zh) ??
      named?.zh ??
      "服装",
    colours: [first, ...more.slice(0, 2)],
    patternZh: pattern.zh,
  };
}

function guessType(picture: Raster, kind: string): string {
  const aspect = picture.height / picture.width;
  if (kind === "stand") return isPair(picture) || aspect < 0.8 ? "shoes" : "hat";
  if (kind === "bottom") {
    if (!hasLegs(picture)) return "skirt";
    return aspect > 1 ? "trousers" : "shorts";
  }
  if (aspect > 1.32 && spanShare(picture, 0.9) > spanShare(picture, 0.45) * 0.98) return "dress";
  const sleeves = spanShare(picture, 0.25) > spanShare(picture, 0.7) * 1.12;
  return sleeves ? "t-shirt" : "shirt";
}

/** Only what the type's name says for certain. */
function sleeveOf(type: string): { sleeve?: string } {
  if (/long-?sleeve/.test(type)) return { sleeve: "long" };
  return type === "t-shirt" ? { sleeve: "short" } : {};
}

function lengthOf(picture: Raster, type: string): { length?: string } {
  if (!/dress|skirt|coat/.test(type)) return {};
  const aspect = picture.height / picture.width;
  if (aspect > 1.7) return { length: "long" };
  return { length: aspect > 1.1 ? "knee length" : "short" };
}

const typesZh: Readonly<Record<string, string>> = {
  "t-shirt": "T恤",
  tshirt: "T恤",
  shirt: "衬衫",
  blouse: "女衬衫",
  dress: "连衣裙",
  skirt: "半身裙",
  trousers: "长裤",
  pants: "长裤",
  jeans: "牛仔裤",
  shorts: "短裤",
  jacket: "夹克",
  coat: "大衣",
  outwear: "外套",
  sweater: "毛衣",
  hoodie: "卫衣",
  shoes: "鞋子",
  hat: "帽子",
  bag: "手提包",
};
