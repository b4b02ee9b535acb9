import { lchOfRgb, type Lch, type Rgb } from "../colour.ts";

export interface GarmentColour {
  readonly rgb: Rgb;
  readonly lch: Lch;
  /** Share of the garment that has about this colour, 0..1. */
  readonly share: number;
}

interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

const SAMPLES_MAX = 2400;
const CLUSTERS = 6;
/** Closer than this (OKLab, lightness halved) is one colour in different light. */
const SAME_COLOUR = 0.075;

/** The colours of the opaque part of a picture, the largest share first; at least one. */
export function garmentColours(picture: Pixels): GarmentColour[] {
  const points = samplePoints(picture);
  if (points.length === 0) {
    return [{ rgb: [128, 128, 128], lch: lchOfRgb([128, 128, 128]), share: 1 }];
  }
  let centres = points
    .toSorted((a, b) => a.l - b.l)
    .filter((_, i) => i % Math.ceil(points.length / CLUSTERS) === 0);
  let groups: Point[][] = [];
  for (let round = 0; round < 7; round++) {
    groups = centres.map(() => []);
    for (const point of points) groups[nearest(point, centres)]?.push(point);
    groups = groups.filter((group) => group.length > 0);
    centres = groups.map(centreOf);
  }
  return merge(groups).map((group) => {
    const rgb = meanRgb(group);
    return { rgb, lch: lchOfRgb(rgb), share: group.length / points.length };
  });
}

interface Point {
  readonly l: number;
  readonly a: number;
  readonly b: number;
  readonly rgb: Rgb;
}

function samplePoints({ data }: Pixels): Point[] {
  const opaque: number[] = [];
  const stride = 4 * Math.max(1, Math.floor(data.length / 4 / 9_000));
  for (let at = 0; at < data.length; at += stride) if ((data[at + 3] ?? 0) > 220) opaque.push(at);
  const step = Math.max(1, Math.floor(opaque.length / SAMPLES_MAX));
  return opaque
    .filter((_, i) => i % step === 0)
    .map((at) => {
      const rgb: Rgb = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
      const { l, c, h } = lchOfRgb(rgb);
      const turn = (h * Math.PI) / 180;
      return { l, a: c * Math.cos(turn), b: c * Math.sin(turn), rgb };
    });
}

// Lightness counts half, since folds and shadows change it and leave the colour.
function distance(one: Omit<Point, "rgb">, other: Omit<Point, "rgb">): number {
  return Math.hypot((one.l - other.l) * 0.5, one.a - other.a, one.b - other.b);
}

function nearest(point: Point, centres: readonly Omit<Point, "rgb">[]): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [i, centre] of centres.entries()) {
    const away = distance(point, centre);
    if (away < least) [best, least] = [i, away];
  }
  return best;
}

function centreOf(group: readonly Point[]): Point {
  const sum = { l: 0, a: 0, b: 0 };
  for (const point of group) {
    sum.l += point.l;
    sum.a += point.a;
    sum.b += point.b;
  }
  const n = group.length;
  return { l: sum.l / n, a: sum.a / n, b: sum.b / n, rgb: [0, 0, 0] };
}

function merge(groups: readonly Point[][]): Point[][] {
  const merged: Point[][] = [];
  for (const group of groups.toSorted((a, b) => b.length - a.length)) {
    const kin = merged.find((other) => distance(centreOf(group), centreOf(other)) < SAME_COLOUR);
    if (kin === undefined) merged.push([...group]);
    else kin.push(...group);
  }
  return merged.toSorted((a, b) => b.length - a.length);
}

// Of the middle half by lightness, so that deep folds and highlights do not dull the colour.
function meanRgb(group: readonly Point[]): Rgb {
  const ordered = group.toSorted((a, b) => a.l - b.l);
  const middle = ordered.slice(
    Math.floor(ordered.length * 0.3),
    Math.max(1, Math.ceil(ordered.length * 0.85)),
  );
  const used = middle.length > 0 ? middle : ordered;
  const mean = (channel: 0 | 1 | 2) =>
    Math.round(used.reduce((sum, point) => sum + point.rgb[channel], 0) / used.length);
  return [mean(0), mean(1), mean(2)];
}
