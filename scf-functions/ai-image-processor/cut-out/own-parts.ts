import type { LabPicture } from "./cut-out-mask.ts";
import { mean } from "./mask-shape.ts";

/** What the parts are judged by: the garment so far, and how far each pixel is from the border's colours. */
export interface GarmentSoFar {
  readonly picture: LabPicture;
  readonly mask: Uint8Array;
  readonly distances: Uint8Array;
}

/** Lab bytes from the nearest colour of the border, and from the hues of the garment. */
const OWN_COLOUR_MIN = 15;
const OWN_HUE_GAP_MAX = 12;

/**
 * A part that was left out and is the garment's all the same: it has the garment's hue and is like nothing along
 * the border. So a sleeve in the shade, which GrabCut takes for the dark things behind.
 */
export function isOwnPart(part: readonly number[], soFar: GarmentSoFar): boolean {
  return mean(part, soFar.distances) > OWN_COLOUR_MIN && litGap(part, soFar) < OWN_HUE_GAP_MAX;
}

/** How far the part's hue, in the light it has, is from the nearest hue that a tenth of the garment has. */
function litGap(part: readonly number[], { picture: { lab }, mask }: GarmentSoFar): number {
  let [light, a, b] = [0, 0, 0];
  for (const at of part) {
    light += litness(lab, at) / part.length;
    a += ((lab[at * 3 + 1] ?? 0) - 128) / part.length;
    b += ((lab[at * 3 + 2] ?? 0) - 128) / part.length;
  }
  // Grey is the hue of everything in the dark: it proves nothing.
  if (Math.hypot(a, b) < OWN_HUE_GAP_MAX) return Number.POSITIVE_INFINITY;
  const own = new Set(part);
  const gaps: number[] = [];
  for (let at = 0; at < mask.length; at += 3) {
    if (mask[at] !== 1 || own.has(at)) continue;
    const dimmed = light / litness(lab, at);
    const da = ((lab[at * 3 + 1] ?? 0) - 128) * dimmed - a;
    const db = ((lab[at * 3 + 2] ?? 0) - 128) * dimmed - b;
    gaps.push(Math.hypot(da, db));
  }
  gaps.sort((one, other) => one - other);
  return gaps[Math.floor(gaps.length / 10)] ?? Number.POSITIVE_INFINITY;
}

// Half the light takes as large a share of a and b as of the lightness, counted from its zero at -16.
function litness(lab: Uint8Array, at: number): number {
  return (lab[at * 3] ?? 0) / 2.55 + 16;
}
