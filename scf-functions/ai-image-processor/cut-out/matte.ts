import type { MaskSize } from "./mask-shape.ts";

/**
 * Soft edges for a hard mask: a guided filter lets the outline follow the picture inside a narrow band
 * (lace, knit, fur) and leaves the rest as it was. `rgb` has three bytes a pixel, `mask` 0..255;
 * the answer is alpha 0..255, about a pixel tighter than the mask so that no background shines through.
 */
export function softenMask(
  rgb: Uint8Array,
  mask: Uint8Array,
  size: MaskSize,
  radius: number,
): Uint8Array {
  const guide = new Float32Array(mask.length);
  for (let at = 0; at < guide.length; at++) {
    const warm = 0.3 * (rgb[at * 3] ?? 0) + 0.59 * (rgb[at * 3 + 1] ?? 0);
    guide[at] = (warm + 0.11 * (rgb[at * 3 + 2] ?? 0)) / 255;
  }
  const wanted = shares(mask);
  const filtered = guidedFilter(guide, wanted, size, radius);
  const near = boxBlur(boxBlur(wanted, size, radius), size, Math.max(1, radius >> 1));
  const alpha = new Uint8Array(mask.length);
  for (let at = 0; at < alpha.length; at++) {
    const local = near[at] ?? 0;
    const sure = local < 0.12 ? 0 : local > 0.92 ? 1 : undefined;
    const value = sure ?? 0.35 * (wanted[at] ?? 0) + 0.65 * (filtered[at] ?? 0);
    alpha[at] = Math.round(255 * smoothStep((value - 0.34) / 0.5));
  }
  return alpha;
}

/**
 * Colours of the fringe replaced by those of the garment next to it, since edge pixels are mixed with the
 * floor behind. Answers RGBA, not premultiplied.
 */
export function withoutFringe(
  rgb: Uint8Array,
  alpha: Uint8Array,
  size: MaskSize,
  radius: number,
): Uint8Array {
  const depth = boxBlur(shares(alpha), size, Math.max(1, Math.round(radius / 2)));
  const core = depth.map((value) => (value > 0.97 ? 1 : 0));
  const weight = boxBlur(boxBlur(core, size, radius), size, radius);
  const rgba = new Uint8Array(alpha.length * 4);
  for (let channel = 0; channel < 3; channel++) {
    const plane = core.map((inside, at) => inside * (rgb[at * 3 + channel] ?? 0));
    const spread = boxBlur(boxBlur(plane, size, radius), size, radius);
    for (let at = 0; at < alpha.length; at++) {
      const own = rgb[at * 3 + channel] ?? 0;
      const around = (weight[at] ?? 0) > 0.004 ? (spread[at] ?? 0) / (weight[at] ?? 1) : own;
      const share = smoothStep(((depth[at] ?? 0) - 0.55) / 0.42);
      rgba[at * 4 + channel] = Math.round(own * share + around * (1 - share));
    }
  }
  for (let at = 0; at < alpha.length; at++) rgba[at * 4 + 3] = alpha[at] ?? 0;
  return rgba;
}

// Plain loops here and above: the iterating forms cost a second on a large photo.
function shares(bytes: Uint8Array): Float32Array {
  const plane = new Float32Array(bytes.length);
  for (let at = 0; at < plane.length; at++) plane[at] = (bytes[at] ?? 0) / 255;
  return plane;
}

function smoothStep(share: number): number {
  const t = Math.min(1, Math.max(0, share));
  return t * t * (3 - 2 * t);
}

// He, Sun, Tang 2010: inside each window the result is a line of the guide's brightness.
function guidedFilter(
  guide: Float32Array,
  wanted: Float32Array,
  size: MaskSize,
  radius: number,
): Float32Array {
  const blur = (plane: Float32Array) => boxBlur(plane, size, radius);
  const meanGuide = blur(guide);
  const meanWanted = blur(wanted);
  const meanBoth = blur(guide.map((value, at) => value * (wanted[at] ?? 0)));
  const meanSquare = blur(guide.map((value) => value * value));
  const slope = meanBoth.map((both, at) => {
    const mean = meanGuide[at] ?? 0;
    const variance = (meanSquare[at] ?? 0) - mean * mean;
    return (both - mean * (meanWanted[at] ?? 0)) / (variance + 1e-3);
  });
  const offset = slope.map((value, at) => (meanWanted[at] ?? 0) - value * (meanGuide[at] ?? 0));
  const meanSlope = blur(slope);
  const meanOffset = blur(offset);
  return guide.map((value, at) => (meanSlope[at] ?? 0) * value + (meanOffset[at] ?? 0));
}

// Running sums in both directions, edges repeated: the cost does not grow with the radius.
function boxBlur(plane: Float32Array, { width, height }: MaskSize, radius: number): Float32Array {
  const across = new Float32Array(plane.length);
  for (let y = 0; y < height; y++) blurLine(plane, across, y * width, 1, width, radius);
  const down = new Float32Array(plane.length);
  for (let x = 0; x < width; x++) blurLine(across, down, x, width, height, radius);
  return down;
}

// oxlint-disable-next-line max-params -- the inner loop of everything above: an object a call costs more
function blurLine(
  from: Float32Array,
  to: Float32Array,
  start: number,
  step: number,
  count: number,
  radius: number,
): void {
  const last = start + (count - 1) * step;
  const first = from[start] ?? 0;
  const final = from[last] ?? 0;
  let sum = first * (radius + 1);
  for (let i = 1; i <= radius; i++) sum += i < count ? (from[start + i * step] ?? 0) : final;
  const scale = 1 / (2 * radius + 1);
  for (let i = 0; i < count; i++) {
    to[start + i * step] = sum * scale;
    const entering = i + radius + 1;
    const leaving = i - radius;
    sum += entering < count ? (from[start + entering * step] ?? 0) : final;
    sum -= leaving >= 0 ? (from[start + leaving * step] ?? 0) : first;
  }
}
