import type { Sharp } from "sharp";
import type { OutputFormat } from "../../core/function-schemas/image-operations.ts";
import { openRaster, type Raster } from "./raster.ts";

export type EncodedPicture = {
  readonly body: Buffer;
  readonly format: OutputFormat;
  readonly width: number;
  readonly height: number;
  /** PNG has none. */
  readonly quality?: number;
};
export type Encoding = {
  readonly format: OutputFormat;
  readonly quality: number;
  readonly purpose: "preview" | "final";
  /** Of the result; a large AVIF is encoded faster. */
  readonly pixels: number;
};

/** Plain JPEG, since mozjpeg costs twice the CPU for a sixth of the bytes; WebP effort 6 doubles it too. */
export const DEFAULT_QUALITY = { jpeg: 90, png: 100, webp: 82, avif: 55 } as const;
const WEBP_EFFORT = { preview: 2, final: 4 } as const;
/** Effort 4, sharp's default, takes seconds for a large picture; 12 megapixels take 14 s of CPU at effort 2, and 2.3 s at 0. */
const AVIF_EFFORT = { usual: 2, large: 0 } as const;
const AVIF_LARGE_PIXELS = 4_000_000;
const QUALITY_FLOOR = { jpeg: 40, png: 100, webp: 40, avif: 25 } as const;
const QUALITY_STEPS_MAX = 5;

/** Encodes without metadata; transparency becomes white in a JPEG only. */
export async function encodePicture(image: Sharp, encoding: Encoding): Promise<EncodedPicture> {
  const { format, quality } = encoding;
  const { data, info } = await encoder(image.toColourspace("srgb"), encoding).toBuffer({
    resolveWithObject: true,
  });
  const facts = { body: data, format, width: info.width, height: info.height };
  return format === "png" ? facts : { ...facts, quality };
}

function encoder(image: Sharp, { format, quality, purpose, pixels }: Encoding): Sharp {
  switch (format) {
    case "jpeg":
      return image.jpeg({ quality });
    case "webp":
      return image.webp({ quality, effort: WEBP_EFFORT[purpose] });
    case "avif":
      return image.avif({
        quality,
        effort: pixels > AVIF_LARGE_PIXELS ? AVIF_EFFORT.large : AVIF_EFFORT.usual,
      });
    case "png":
      return image.png();
  }
}

/**
 * The best quality between the format's floor and the one asked for whose file fits, by binary search in at
 * most 2 + 5 encodings; at the floor the file may still be larger. PNG ignores the target.
 */
export async function encodeToTarget(
  raster: Raster,
  encoding: Encoding,
  bytesMax: number,
): Promise<EncodedPicture> {
  const encodeAt = (quality: number) => encodePicture(openRaster(raster), { ...encoding, quality });
  const highest = encoding.quality;
  const floor = QUALITY_FLOOR[encoding.format];
  const wanted = await encodeAt(highest);
  if (wanted.body.byteLength <= bytesMax || highest <= floor) return wanted;
  let best = await encodeAt(floor);
  if (best.body.byteLength > bytesMax) return best;
  let low = floor + 1;
  let high = highest - 1;
  for (let step = 0; step < QUALITY_STEPS_MAX && low <= high; step += 1) {
    const middle = Math.floor((low + high) / 2);
    const tried = await encodeAt(middle);
    if (tried.body.byteLength <= bytesMax) {
      best = tried;
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return best;
}
