import sharp, { type Sharp } from "sharp";
import { f } from "./drawing.ts";
import { createRandom } from "./random.ts";
import type { StyleId } from "./garment/recognise.ts";

interface Grade {
  readonly saturation: number;
  /** Slope and offset of each channel: contrast, and the tint of lights and of shadows. */
  readonly slope: readonly [number, number, number];
  readonly offset: readonly [number, number, number];
  readonly vignette: number;
  readonly grain: number;
}

// Small numbers on purpose: the garment's colour must stay what the seller sells.
const grades: Record<StyleId, Grade> = {
  casual: {
    saturation: 1.04,
    slope: [1.02, 1.01, 0.98],
    offset: [2, 1, 1],
    vignette: 0.16,
    grain: 4,
  },
  elegant: {
    saturation: 0.97,
    slope: [1.04, 1.03, 1.01],
    offset: [-5, -5, -3],
    vignette: 0.3,
    grain: 4,
  },
  sporty: {
    saturation: 1.1,
    slope: [1.06, 1.06, 1.08],
    offset: [-7, -6, -6],
    vignette: 0.14,
    grain: 4,
  },
  business: {
    saturation: 0.94,
    slope: [1.01, 1.02, 1.04],
    offset: [-3, -3, -1],
    vignette: 0.22,
    grain: 4,
  },
  vintage: {
    saturation: 0.86,
    slope: [0.95, 0.92, 0.84],
    offset: [15, 12, 14],
    vignette: 0.36,
    grain: 6,
  },
  minimalist: {
    saturation: 0.93,
    slope: [1.01, 1.01, 1],
    offset: [2, 2, 2],
    vignette: 0.08,
    grain: 3,
  },
  street: {
    saturation: 1.02,
    slope: [1.07, 1.03, 1.02],
    offset: [-9, -5, -1],
    vignette: 0.34,
    grain: 4,
  },
  romantic: {
    saturation: 0.97,
    slope: [1, 0.965, 0.965],
    offset: [9, 6, 8],
    vignette: 0.14,
    grain: 4,
  },
};

/** Grades, darkens the corners, adds grain (which also hides banding); `bare` pictures stay pure white. */
export async function gradePicture(
  rgb: { readonly data: Uint8Array; readonly width: number; readonly height: number },
  style: StyleId,
  bare: boolean,
  seed: number,
): Promise<Sharp> {
  const grade = grades[style];
  const { width, height } = rgb;
  const picture = sharp(rgb.data, { raw: { width, height, channels: 3 } });
  if (bare) return picture;
  const graded = await picture
    .modulate({ saturation: grade.saturation })
    .linear([...grade.slope], [...grade.offset])
    .raw()
    .toBuffer();
  const layers = [
    { input: Buffer.from(vignetteSvg(width, height, grade.vignette)) },
    { input: await grainTile(grade.grain, seed), tile: true },
  ];
  return sharp(graded, { raw: { width, height, channels: 3 } }).composite(layers);
}

function vignetteSvg(width: number, height: number, strength: number): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs><radialGradient id="v" cx="0.5" cy="0.46" r="0.78"><stop offset="0.5" stop-color="#000" stop-opacity="0"/><stop offset="0.78" stop-color="#000" stop-opacity="${f(strength * 0.35)}"/><stop offset="1" stop-color="#000" stop-opacity="${f(strength)}"/></radialGradient></defs><rect width="${width}" height="${height}" fill="url(#v)"/></svg>`;
}

const TILE = 144;

// Black and white specks of low opacity, close to a normal distribution.
async function grainTile(strength: number, seed: number): Promise<Buffer> {
  const random = createRandom(seed, 77);
  const data = new Uint8Array(TILE * TILE * 4);
  for (let at = 0; at < data.length; at += 4) {
    const value = random.between(-1, 1) + random.between(-1, 1) + random.between(-1, 1);
    const tone = value > 0 ? 255 : 0;
    data[at] = tone;
    data[at + 1] = tone;
    data[at + 2] = tone;
    data[at + 3] = Math.min(60, Math.abs(value) * strength * 1.6);
  }
  return sharp(data, { raw: { width: TILE, height: TILE, channels: 4 } })
    .png()
    .toBuffer();
}
