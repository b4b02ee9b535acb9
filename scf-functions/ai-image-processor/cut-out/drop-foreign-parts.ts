import { clusterColours, type Colour, type LabPicture } from "./cut-out-mask.ts";
import { components, paintAreas } from "./mask-shape.ts";

const CLUSTERS = 6;
/** Of the mask: smaller parts are prints and buttons, larger ones are the garment. */
const SHARE_MIN = 0.012;
const SHARE_MAX = 0.2;
const OUTER_RIM_MIN = 0.15;
const MIRRORED_MAX = 0.35;
const CHROMA_GAP_MIN = 20;

/**
 * Takes away what a garment is not likely to have: a part of one colour that is not found elsewhere in it, at
 * its edge, and on one side only (a piece of a cupboard, the lid of a box). Sleeves come in pairs, and shadows
 * change the lightness, not the hue, so both stay.
 */
export function dropForeignParts(picture: LabPicture, mask: Uint8Array): Uint8Array {
  const inside: number[] = [];
  for (let at = 0; at < mask.length; at++) if (mask[at] === 1) inside.push(at);
  if (inside.length === 0) return mask;
  const samples = inside.filter((_, index) => index % 5 === 0).map((at) => at * 3);
  const centres = clusterColours(picture.lab, samples, CLUSTERS);
  const labels = new Uint8Array(mask.length).fill(255);
  for (const at of inside) labels[at] = nearest(picture.lab, at * 3, centres);
  const axis = medianX(inside, picture.width);
  const foreign = centres.flatMap((_, label) =>
    components(
      labels.map((value) => (value === label ? 1 : 0)),
      picture,
      1,
    ).filter((part) => {
      const share = part.length / inside.length;
      return share > SHARE_MIN && share < SHARE_MAX && isForeign(part, { mask, picture, axis });
    }),
  );
  return paintAreas(mask, foreign, 0);
}

type Whole = { readonly mask: Uint8Array; readonly picture: LabPicture; readonly axis: number };

function isForeign(part: readonly number[], whole: Whole): boolean {
  const own = new Set(part);
  return (
    outerRim(part, own, whole) > OUTER_RIM_MIN &&
    mirrored(part, own, whole) < MIRRORED_MAX &&
    chromaGap(part, own, whole) > CHROMA_GAP_MIN
  );
}

function outerRim(part: readonly number[], own: ReadonlySet<number>, { mask, picture }: Whole) {
  let outer = 0;
  let count = 0;
  for (const at of part) {
    for (const next of [at - 1, at + 1, at - picture.width, at + picture.width]) {
      if (own.has(next)) continue;
      count++;
      outer += mask[next] === 1 ? 0 : 1;
    }
  }
  return count === 0 ? 0 : outer / count;
}

function mirrored(part: readonly number[], own: ReadonlySet<number>, whole: Whole): number {
  const { width } = whole.picture;
  let count = 0;
  for (const at of part) {
    const x = Math.round(2 * whole.axis - (at % width));
    const other = at - (at % width) + x;
    if (x >= 0 && x < width && whole.mask[other] === 1 && !own.has(other)) count++;
  }
  return count / part.length;
}

/** How far the part's hue is from the nearest hue that a tenth of the rest has. */
function chromaGap(part: readonly number[], own: ReadonlySet<number>, { mask, picture }: Whole) {
  const { lab } = picture;
  const mean = (channel: number) =>
    part.reduce((sum, at) => sum + (lab[at * 3 + channel] ?? 0), 0) / part.length;
  const [a, b] = [mean(1), mean(2)];
  const gaps: number[] = [];
  for (let at = 0; at < mask.length; at += 3) {
    if (mask[at] !== 1 || own.has(at)) continue;
    gaps.push(Math.hypot((lab[at * 3 + 1] ?? 0) - a, (lab[at * 3 + 2] ?? 0) - b));
  }
  gaps.sort((one, other) => one - other);
  return gaps[Math.floor(gaps.length / 10)] ?? 0;
}

function nearest(lab: Uint8Array, at: number, centres: readonly Colour[]): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [index, [l, a, b]] of centres.entries()) {
    const dl = ((lab[at] ?? 0) - l) * 0.5;
    const da = (lab[at + 1] ?? 0) - a;
    const db = (lab[at + 2] ?? 0) - b;
    const distance = dl * dl + da * da + db * db;
    if (distance < least) [best, least] = [index, distance];
  }
  return best;
}

function medianX(inside: readonly number[], width: number): number {
  const xs = inside.map((at) => at % width).sort((one, other) => one - other);
  return xs[Math.floor(xs.length / 2)] ?? 0;
}
