import { grabCut, type LabPicture } from "./cut-out-mask.ts";
import { dropForeignParts } from "./drop-foreign-parts.ts";
import {
  agreement,
  areaShare,
  components,
  keepLargeParts,
  paintAreas,
  smoothMask,
} from "./mask-shape.ts";
import { withOpenCv } from "./opencv.ts";
import { type GarmentSoFar, isOwnPart } from "./own-parts.ts";
import { maskStart } from "./start-mask.ts";

/** Of the garment: less than this is the outline's own business. */
const LOST_SHARE_MIN = 0.004;

/**
 * Once more from what was found: colours learned from a nearly right mask are better than those of an ellipse.
 * `distances` says how far each pixel is from the colours of the border.
 */
export async function refine(
  picture: LabPicture,
  found: Uint8Array,
  distances: Uint8Array,
): Promise<Uint8Array> {
  const cleaned = dropForeignParts(picture, found);
  const again = await segment(picture, maskStart(picture, cleaned));
  const forgetful = dropForeignParts(picture, again);
  const mask = bringBack(cleaned, { picture, mask: forgetful, distances });
  const kept = agreement(mask, cleaned) > 0.75 ? mask : cleaned;
  return keepLargeParts(smoothMask(kept, picture, 2), picture, 0.2);
}

// What the second look lost comes back when it is the garment's own.
function bringBack(cleaned: Uint8Array, soFar: GarmentSoFar): Uint8Array {
  const lost = cleaned.map((value, at) => (value === 1 && soFar.mask[at] === 0 ? 1 : 0));
  const least = LOST_SHARE_MIN * areaShare(cleaned) * cleaned.length;
  const own = components(lost, soFar.picture, 1).filter(
    (part) => part.length > least && isOwnPart(part, soFar),
  );
  return paintAreas(soFar.mask, own, 1);
}

/** GrabCut from a start mask, then without specks and small parts. */
export async function segment(picture: LabPicture, start: Uint8Array): Promise<Uint8Array> {
  const raw = await withOpenCv((cv) => grabCut(cv, picture, start));
  return keepLargeParts(smoothMask(raw, picture, 2), picture, 0.2);
}
