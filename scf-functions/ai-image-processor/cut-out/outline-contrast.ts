import type { LabPicture } from "./cut-out-mask.ts";
import { borderContact, grow, shrink } from "./mask-shape.ts";

/** How likely an outline is the right one: it follows edges of the picture and stays off the border. */
export function edgeScore(picture: LabPicture, mask: Uint8Array): number {
  return outlineContrast(picture, mask) * (1 - Math.min(1, 1.5 * borderContact(mask, picture)));
}

/** How different the picture is just inside and just outside of the outline, in Lab bytes. */
export function outlineContrast(picture: LabPicture, mask: Uint8Array): number {
  const inner = shrink(mask, picture, 2);
  const outer = grow(mask, picture, 2);
  const { lab, width } = picture;
  let sum = 0;
  let count = 0;
  for (let at = 4 * width; at < mask.length - 4 * width; at++) {
    if (mask[at] !== 1 || inner[at] === 1) continue;
    for (const step of [-4, 4, -4 * width, 4 * width]) {
      const other = at + step;
      if (outer[other] === 1) continue;
      const back = at - step / 2;
      const dl = ((lab[other * 3] ?? 0) - (lab[back * 3] ?? 0)) * 0.5;
      const da = (lab[other * 3 + 1] ?? 0) - (lab[back * 3 + 1] ?? 0);
      const db = (lab[other * 3 + 2] ?? 0) - (lab[back * 3 + 2] ?? 0);
      sum += Math.sqrt(dl * dl + da * da + db * db);
      count++;
    }
  }
  return count === 0 ? 0 : sum / count;
}
