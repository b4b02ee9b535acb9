import { createHash } from "node:crypto";
import sharp from "sharp";
import type { CutOutCache } from "../preview/garment/cut-out-cache.ts";
import type { PreviewRequest } from "../preview/make-preview.ts";

const CUT_SIDE = 48;
/** Of the photo's shorter side: what is in its middle is taken for the garment. */
const MIDDLE_SHARE = 0.3;
const GRID = { width: 9, height: 8 };

/** Takes the middle of a photo for its garment: enough to name a colour, where nobody looks at the picture. */
export const middleOfPhoto: CutOutCache = {
  async cutOut(photo) {
    const { width, height } = await sharp(photo).metadata();
    const side = Math.max(1, Math.round(Math.min(width, height) * MIDDLE_SHARE));
    const rgba = await sharp(photo)
      .extract({
        left: Math.floor((width - side) / 2),
        top: Math.floor((height - side) / 2),
        width: side,
        height: side,
      })
      .resize(CUT_SIDE, CUT_SIDE, { fit: "fill" })
      .toColourspace("srgb")
      .ensureAlpha()
      .raw()
      .toBuffer();
    const size = { width: CUT_SIDE, height: CUT_SIDE };
    return { rgba, ...size, box: { left: 0, top: 0, ...size }, confidence: 1 };
  },
};

/** A picture of grey fields in the size asked for: another one for each seed, and some milliseconds of work. */
export async function drawFields({ prompt, width, height, seed }: PreviewRequest) {
  const fields = createHash("sha512").update(`${seed} ${prompt}`).digest();
  const data = Buffer.concat([fields, fields]).subarray(0, GRID.width * GRID.height);
  const made = await sharp(data, { raw: { ...GRID, channels: 1 } })
    .resize(width, height, { fit: "fill", kernel: "nearest" })
    .jpeg({ quality: 60 })
    .toBuffer();
  return new Uint8Array(made);
}
