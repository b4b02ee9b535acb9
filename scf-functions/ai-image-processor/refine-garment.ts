import { grabCut, type LabPicture } from "./cut-out-mask.ts";
import { dropForeignParts } from "./drop-foreign-parts.ts";
import { agreement, keepLargeParts, smoothMask } from "./mask-shape.ts";
import { withOpenCv } from "./opencv.ts";
import { maskStart } from "./start-mask.ts";

/** Once more from what was found: colours learned from a nearly right mask are better than those of an ellipse. */
export async function refine(picture: LabPicture, found: Uint8Array): Promise<Uint8Array> {
  const cleaned = dropForeignParts(picture, found);
  const again = await segment(picture, maskStart(picture, cleaned));
  const mask = dropForeignParts(picture, again);
  const kept = agreement(mask, cleaned) > 0.75 ? mask : cleaned;
  return keepLargeParts(smoothMask(kept, picture, 2), picture, 0.2);
}

/** GrabCut from a start mask, then without specks and small parts. */
export async function segment(picture: LabPicture, start: Uint8Array): Promise<Uint8Array> {
  const raw = await withOpenCv((cv) => grabCut(cv, picture, start));
  return keepLargeParts(smoothMask(raw, picture, 2), picture, 0.2);
}
