import type { Lch } from "../preview/colour.ts";

export interface ColourName {
  readonly en: string;
  readonly zh: string;
}

/** A plain word for a colour, as a seller would say it. */
export function nameColour({ l, c, h }: Lch): ColourName {
  if (c < 0.03 || (l < 0.26 && c < 0.045)) return greyName(l, c, h);
  if (c < 0.062) {
    const muted = mutedName(l, h);
    if (muted !== undefined) return muted;
  }
  const found = hues.find(([until]) => h < until) ?? hues[0];
  return found[1](l, c);
}

function greyName(l: number, c: number, h: number): ColourName {
  if (l < 0.3) return { en: "black", zh: "黑色" };
  if (l > 0.74 && c > 0.017 && h > 40 && h < 115) return { en: "off-white", zh: "米白色" };
  if (l > 0.6 && c > 0.02 && (h > 300 || h < 30)) return { en: "pale pink", zh: "浅粉色" };
  // White cloth in a dim room measures well under 1.
  if (l > 0.7) return { en: "white", zh: "白色" };
  if (l > 0.58) return { en: "light grey", zh: "浅灰色" };
  return l > 0.42 ? { en: "grey", zh: "灰色" } : { en: "charcoal", zh: "炭灰色" };
}

function mutedName(l: number, h: number): ColourName | undefined {
  if (h > 35 && h < 100) {
    if (l > 0.66) return { en: "beige", zh: "米色" };
    return l > 0.45 ? { en: "taupe", zh: "灰褐色" } : { en: "dark brown", zh: "深棕色" };
  }
  if (h >= 100 && h < 150)
    return l > 0.6 ? { en: "sage", zh: "灰绿色" } : { en: "olive", zh: "橄榄色" };
  if (h > 220 && h < 300) {
    if (l < 0.42) return { en: "navy blue", zh: "藏青色" };
    return { en: "blue grey", zh: "蓝灰色" };
  }
  if ((h > 320 || h < 35) && l > 0.66) return { en: "pale pink", zh: "浅粉色" };
  return undefined;
}

type Shade = (l: number, c: number) => ColourName;

const pink: Shade = (l, c) =>
  l > 0.6 || c < 0.13 ? { en: "pink", zh: "粉色" } : { en: "magenta", zh: "玫红色" };
const red: Shade = (l, c) => {
  if (l < 0.4) return { en: "burgundy", zh: "酒红色" };
  if (l > 0.62) return c > 0.15 ? { en: "coral", zh: "珊瑚色" } : { en: "pink", zh: "粉色" };
  return { en: "red", zh: "红色" };
};
const orange: Shade = (l, c) => {
  if (l < 0.58 || c < 0.09) return { en: "brown", zh: "棕色" };
  return { en: "orange", zh: "橙色" };
};
const yellow: Shade = (l, c) => {
  if (l > 0.78 && c > 0.12) return { en: "yellow", zh: "黄色" };
  if (c < 0.085 && l > 0.68) return { en: "beige", zh: "米色" };
  if (l < 0.5) return c < 0.1 ? { en: "olive", zh: "橄榄色" } : { en: "brown", zh: "棕色" };
  return { en: "mustard", zh: "芥末黄色" };
};
const green: Shade = (l) => {
  if (l < 0.42) return { en: "dark green", zh: "墨绿色" };
  return { en: "green", zh: "绿色" };
};
const blue: Shade = (l, c) => {
  if (l < 0.36) return { en: "navy blue", zh: "藏青色" };
  return l > 0.7 || (l > 0.62 && c < 0.1)
    ? { en: "light blue", zh: "浅蓝色" }
    : { en: "blue", zh: "蓝色" };
};
const purple: Shade = (l) =>
  l > 0.66 ? { en: "lilac", zh: "淡紫色" } : { en: "purple", zh: "紫色" };

/** Hue of OKLCH up to which (in degrees) a family of names reaches, round the wheel. */
const hues: readonly [readonly [number, Shade], ...(readonly [number, Shade])[]] = [
  [8, pink],
  [37, red],
  [72, orange],
  [113, yellow],
  [172, green],
  [215, () => ({ en: "teal", zh: "青色" })],
  [286, blue],
  [325, purple],
  [360, pink],
];
