import { hex, type Lch } from "../colour.ts";
import type { GarmentColour } from "../garment/garment-colours.ts";
import type { Random } from "../random.ts";
import type { StyleId } from "../garment/recognise.ts";

/** The colours that a scene may use, chosen to let the garment speak. */
export interface Palette {
  /** Large calm area behind the garment: differs from it in lightness. */
  readonly wall: string;
  readonly wallIsDark: boolean;
  /** Related to the wall, a step further: floor, plinth, panel. */
  readonly floor: string;
  readonly panel: string;
  /** What small things stand on: pale, or a little lighter than a dark wall. */
  readonly plinth: string;
  /** The garment's counterpart on the colour wheel, for small things only. */
  readonly accent: string;
  /** Hanger rail and stand. */
  readonly metal: string;
  /** The tint of the light. */
  readonly light: string;
  readonly shade: string;
}

interface StyleTint {
  readonly hue: number;
  readonly chroma: number;
  /** How far the wall is from white or black, 0..1. */
  readonly depth: number;
  readonly metal: string;
  readonly light: string;
}

const tints: Record<StyleId, StyleTint> = {
  casual: { hue: 78, chroma: 0.036, depth: 0.5, metal: "#3c3a38", light: "#fff1da" },
  elegant: { hue: 55, chroma: 0.028, depth: 0.62, metal: "#b8935a", light: "#ffedd6" },
  sporty: { hue: 230, chroma: 0.05, depth: 0.5, metal: "#d9dde2", light: "#f2f8ff" },
  business: { hue: 250, chroma: 0.022, depth: 0.6, metal: "#2d3036", light: "#f3f6fb" },
  vintage: { hue: 62, chroma: 0.062, depth: 0.7, metal: "#8a6a3e", light: "#ffe2b0" },
  minimalist: { hue: 90, chroma: 0.008, depth: 0.3, metal: "#e6e4e0", light: "#fffaf2" },
  street: { hue: 215, chroma: 0.03, depth: 0.75, metal: "#1f2124", light: "#e8f1ff" },
  romantic: { hue: 15, chroma: 0.045, depth: 0.42, metal: "#d2a48c", light: "#ffe4dc" },
};

/** The palette for a garment in a style; `random` moves the hues a little from picture to picture. */
export function choosePalette(
  colours: readonly GarmentColour[],
  style: StyleId,
  random: Random,
): Palette {
  const garment: Lch = colours[0]?.lch ?? { l: 0.6, c: 0, h: 0 };
  const tint = tints[style];
  const wallIsDark = garment.l > 0.78 || (garment.l > 0.66 && garment.c < 0.05);
  const hue = wallHue(garment, tint, random);
  const depth = tint.depth * random.between(0.85, 1.1);
  const l = wallIsDark ? 0.62 - 0.2 * depth : 0.93 - 0.13 * depth;
  const c = tint.chroma * (wallIsDark ? 1.25 : 1) * random.between(0.7, 1.1);
  const counter = garment.c > 0.04 ? garment.h + 180 : hue + 150;
  return {
    wall: hex({ l, c, h: hue }),
    wallIsDark,
    floor: hex({ l: l - (wallIsDark ? 0.07 : 0.06), c: c * 1.15, h: hue - 6 }),
    panel: hex({
      l: l + (wallIsDark ? 0.07 : -0.09),
      c: Math.min(0.075, c * 1.35 + 0.006),
      h: hue + 10,
    }),
    plinth: hex({ l: wallIsDark ? l + 0.2 : 0.93, c: c * 0.6, h: hue }),
    accent: hex({ l: wallIsDark ? 0.72 : 0.56, c: 0.1, h: counter + random.between(-14, 14) }),
    metal: tint.metal,
    light: tint.light,
    shade: hex({ l: 0.2, c: 0.02, h: hue - 20 }),
  };
}

// A coloured garment asks for the far side of the wheel, softly; a grey one takes the style's own hue.
function wallHue(garment: Lch, tint: StyleTint, random: Random): number {
  const wobble = random.between(-16, 16);
  if (garment.c < 0.05) return tint.hue + wobble;
  const away = random.chance(0.55) ? garment.h + 180 : garment.h + random.pick([28, -28, 150]);
  const gap = ((away - tint.hue + 540) % 360) - 180;
  return tint.hue + gap * 0.55 + wobble;
}
