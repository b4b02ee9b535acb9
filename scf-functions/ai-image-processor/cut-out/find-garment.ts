import { borderDistances, type LabPicture } from "./cut-out-mask.ts";
import {
  agreement,
  areaShare,
  borderContact,
  components,
  keepLargeParts,
  mean,
  paintAreas,
  smoothMask,
} from "./mask-shape.ts";
import { isOwnPart } from "./own-parts.ts";
import { edgeScore, outlineContrast } from "./outline-contrast.ts";
import { refine, segment } from "./refine-garment.ts";
import { colourStart, ellipseStart } from "./start-mask.ts";

export interface FoundGarment {
  /** 1 = garment, at the size of the picture given. */
  readonly mask: Uint8Array;
  /** 0..1; under 0.6 the whole photo is the better picture to show. */
  readonly confidence: number;
}

/** Looks for the garment in a small Lab picture (about 256 px): two start masks, joined by colour. */
export async function findGarment(picture: LabPicture): Promise<FoundGarment> {
  const distances = borderDistances(picture);
  const byPosition = await segment(picture, ellipseStart(picture));
  const byColour = await segment(picture, colourStart(picture, distances));
  const joined = joinByColour(picture, byColour, byPosition, distances);
  const likelyArea = 0.35 * areaShare(byPosition);
  const candidates = [
    { mask: joined, favour: 1.15 },
    { mask: byPosition, favour: 1 },
    { mask: byColour, favour: 0.9 },
  ]
    .filter(({ mask }) => mask === byPosition || areaShare(mask) > Math.max(0.04, likelyArea))
    .map(({ mask, favour }) => ({ mask, score: favour * edgeScore(picture, mask) }))
    .toSorted((one, other) => other.score - one.score);
  const chosen = candidates[0]?.mask ?? byPosition;
  const mask = await refine(picture, chosen, distances);
  // Where the colours of the border gave nothing of use there is no second opinion: half trust.
  const together = candidates.length < 3 ? 0.68 : ramp(agreement(byPosition, byColour), 0.3, 0.6);
  return { mask, confidence: trust(picture, mask, together) };
}

// Smoothing may close narrow gaps only where they do not show the background's colour.
function tidy(mask: Uint8Array, picture: LabPicture, distances: Uint8Array): Uint8Array {
  const smooth = smoothMask(mask, picture, 2).map((value, at) =>
    value === 1 && mask[at] === 0 && (distances[at] ?? 0) < 10 ? 0 : value,
  );
  return keepLargeParts(smooth, picture, 0.2);
}

// The colour mask finds gaps such as the floor between trouser legs but loses prints that have a colour of
// the background; the place mask keeps prints but swallows gaps. What they dispute is judged by colour.
function joinByColour(
  picture: LabPicture,
  byColour: Uint8Array,
  byPosition: Uint8Array,
  distances: Uint8Array,
): Uint8Array {
  const disputed = byColour.map((value, at) => (value === 0 && byPosition[at] === 1 ? 1 : 0));
  const garmentLike = components(disputed, picture, 1).filter(
    (area) =>
      area.length < 12 ||
      isGarmentLike(mean(area, distances), rimWithin(area, byColour, picture)) ||
      isOwnPart(area, { picture, mask: byColour, distances }),
  );
  const joined = paintAreas(byColour, garmentLike, 1);
  const holes = components(joined, picture, 0).filter(
    (hole) =>
      !touchesOutline(hole, picture) &&
      (hole.length < 0.0015 * joined.length || mean(hole, distances) > 12),
  );
  return tidy(paintAreas(joined, holes, 1), picture, distances);
}

// What the mask encloses needs less of a colour of its own than what opens to the outside, as between legs.
function isGarmentLike(distance: number, within: number): boolean {
  return distance > (within > 0.97 ? 10 : 15) && within > 0.4;
}

// Share of an area's rim that borders on the mask: a print is inside of the garment, a cupboard is not.
function rimWithin(area: readonly number[], mask: Uint8Array, { width }: LabPicture): number {
  const own = new Set(area);
  let within = 0;
  let count = 0;
  for (const at of area) {
    for (const next of [at - 1, at + 1, at - width, at + width]) {
      if (own.has(next)) continue;
      count++;
      within += mask[next] ?? 0;
    }
  }
  return count === 0 ? 0 : within / count;
}

function touchesOutline(area: readonly number[], { width, height }: LabPicture): boolean {
  return area.some((at) => {
    const x = at % width;
    return x === 0 || x === width - 1 || at < width || at >= width * (height - 1);
  });
}

// The weakest sign decides: one bad sign is enough to make an ugly cut.
function trust(picture: LabPicture, mask: Uint8Array, together: number): number {
  const share = areaShare(mask);
  const area = ramp(share, 0.03, 0.1) * ramp(0.92 - share, 0, 0.12);
  const border = ramp(0.4 - borderContact(mask, picture), 0, 0.3);
  const contrast = ramp(outlineContrast(picture, mask), 3, 14);
  const weakest = Math.min(area, border, together, contrast);
  return (
    Math.round(100 * weakest * (0.7 + 0.3 * ((area + border + together + contrast) / 4))) / 100
  );
}

function ramp(value: number, from: number, to: number): number {
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}
