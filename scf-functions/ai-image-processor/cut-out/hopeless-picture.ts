import type { LabPicture } from "./cut-out-mask.ts";

/** Under this outline contrast the trust in any cut stays below `CUT_OUT_TRUST` (`find-garment.ts` has the ramps). */
const CONTRAST_MIN = 9.6;
/** What `outlineContrast` compares is this far apart. */
const REACH = 6;
/** The smallest garment that is trusted has a longer outline, in shares of the square root of the area. */
const OUTLINE_SHARE = 0.5;

/**
 * Whether no cut of this picture could be trusted, since it has too little contrast for any outline: one colour, the
 * noise of JPEG on one colour, a soft gradient, fog. GrabCut takes minutes for such pictures. The strongest contrasts of
 * the whole picture are an upper bound for those along an outline.
 */
export function isHopeless({ lab, width, height }: LabPicture): boolean {
  const wanted = Math.max(4, Math.round(OUTLINE_SHARE * Math.sqrt(width * height)));
  let strong = 0;
  const bins = new Float64Array(257);
  const note = (one: number, other: number): void => {
    const dl = ((lab[other * 3] ?? 0) - (lab[one * 3] ?? 0)) * 0.5;
    const da = (lab[other * 3 + 1] ?? 0) - (lab[one * 3 + 1] ?? 0);
    const db = (lab[other * 3 + 2] ?? 0) - (lab[one * 3 + 2] ?? 0);
    const contrast = Math.ceil(Math.sqrt(dl * dl + da * da + db * db));
    bins[Math.min(256, contrast)] = (bins[Math.min(256, contrast)] ?? 0) + 1;
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      if (x + REACH < width) note(at, at + REACH);
      if (y + REACH < height) note(at, at + REACH * width);
    }
  }
  let count = 0;
  for (let contrast = 256; contrast >= 0 && count < wanted; contrast--) {
    const here = Math.min(wanted - count, bins[contrast] ?? 0);
    strong += here * contrast;
    count += here;
  }
  return count === 0 || strong / count < CONTRAST_MIN;
}
