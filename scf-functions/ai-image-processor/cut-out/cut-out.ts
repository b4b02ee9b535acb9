import sharp from "sharp";
import { openPicture } from "../../shared/picture.ts";
import { findGarmentApart } from "./find-garment-apart.ts";
import { isHopeless } from "./hopeless-picture.ts";
import { labBytes } from "./lab.ts";
import { boundingBox } from "./mask-shape.ts";
import { softenMask, withoutFringe } from "./matte.ts";

export interface CutOut {
  /** RGBA, four bytes a pixel, not premultiplied; as large as the photo but at most 1280 px a side. */
  readonly rgba: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** The smallest box that holds the garment, in pixels of this picture. */
  readonly box: { left: number; top: number; width: number; height: number };
  /** 0..1; under `CUT_OUT_TRUST` show the whole photo rather than a bad cut. */
  readonly confidence: number;
  /** The search took longer than it may: the whole photo, with confidence 0. */
  readonly stopped?: boolean;
}

/** From here up the cut is fit to be shown by itself. */
export const CUT_OUT_TRUST = 0.6;

const SEARCH_SIDE = 256;
/** The cut is as large as the photo up to this side: the filter's cost grows with the pixels. */
export const CUT_OUT_SIDE_MAX = 1280;

type OpaquePixels = {
  readonly rgb: Uint8Array;
  readonly size: { readonly width: number; readonly height: number };
};

/** Without a call's own deadline. */
const TIMEOUT_MS = 60_000;

/**
 * Cuts the garment out of a photo (JPEG, PNG or WebP, at most 25 megapixels, turned as its EXIF says).
 * Deterministic and offline; 0.6 to 1.7 s of CPU, most of it beside this thread, and never more than
 * `SEARCH_LIMITS` says. An unreadable picture rejects; a photo without a clear garment gives a low confidence.
 */
export async function cutOutGarment(photo: Uint8Array): Promise<CutOut> {
  return cutOutPixels(await decode(Buffer.from(photo), CUT_OUT_SIDE_MAX), TIMEOUT_MS);
}

/**
 * The same for pixels that are decoded already; `rgb` has three bytes a pixel. A picture in which nothing can be found,
 * and one whose search did not end within `timeoutMs` or its own limits, is given back whole with confidence 0.
 */
export async function cutOutPixels(full: OpaquePixels, timeoutMs: number): Promise<CutOut> {
  const small = await sharp(full.rgb, { raw: { ...full.size, channels: 3 } })
    .resize(SEARCH_SIDE, SEARCH_SIDE, { fit: "inside", withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const smallSize = { width: small.info.width, height: small.info.height };
  const picture = { lab: labBytes(small.data), ...smallSize };
  if (isHopeless(picture)) return wholePhoto(full, { stopped: false });
  const found = await findGarmentApart(picture, timeoutMs);
  if (found === null) return wholePhoto(full, { stopped: true });
  const mask = await enlarge(found.mask, smallSize, full.size);
  // The filter's window covers what one pixel of the search has become.
  const radius = Math.max(2, Math.round((1.6 * full.size.width) / smallSize.width));
  const alpha = softenMask(full.rgb, mask, full.size, radius);
  const box = boundingBox(
    alpha.map((value) => (value > 100 ? 1 : 0)),
    full.size,
  );
  if (box === undefined) return wholePhoto(full, { stopped: false });
  return {
    rgba: withoutFringe(full.rgb, alpha, full.size, radius),
    ...full.size,
    box,
    confidence: found.confidence,
    stopped: false,
  };
}

function wholePhoto({ rgb, size }: OpaquePixels, why: Pick<CutOut, "stopped">): CutOut {
  const rgba = new Uint8Array(size.width * size.height * 4).fill(255);
  for (let at = 0; at < size.width * size.height; at++) {
    rgba[at * 4] = rgb[at * 3] ?? 0;
    rgba[at * 4 + 1] = rgb[at * 3 + 1] ?? 0;
    rgba[at * 4 + 2] = rgb[at * 3 + 2] ?? 0;
  }
  return { rgba, ...size, box: { left: 0, top: 0, ...size }, confidence: 0, ...why };
}

async function decode(photo: Buffer, side: number): Promise<OpaquePixels> {
  const { data, info } = await openPicture(photo, TIMEOUT_MS)
    .autoOrient()
    .resize(side, side, { fit: "inside", withoutEnlargement: true })
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { rgb: data, size: { width: info.width, height: info.height } };
}

async function enlarge(
  mask: Uint8Array,
  from: { width: number; height: number },
  to: { width: number; height: number },
): Promise<Uint8Array> {
  const bytes = mask.map((value) => value * 255);
  const { data, info } = await sharp(bytes, { raw: { ...from, channels: 1 } })
    .blur(0.8)
    .resize(to.width, to.height, { fit: "fill", kernel: "cubic" })
    .extractChannel(0)
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.channels === 1) return data;
  return data.filter((_, at) => at % info.channels === 0);
}
