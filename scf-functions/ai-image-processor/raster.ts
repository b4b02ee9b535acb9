import sharp, { type Sharp } from "sharp";
import { RESULT_SIDE_MAX } from "../../core/function-schemas/output-limits.ts";

/** Decoded pixels, so that one decode serves several results: 3 or 4 bytes a pixel, sRGB. */
export type Raster = {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
};

/** A pipeline that starts from these pixels. */
export function openRaster({ data, width, height, channels }: Raster): Sharp {
  return sharp(data, {
    raw: { width, height, channels },
    limitInputPixels: RESULT_SIDE_MAX * RESULT_SIDE_MAX,
  });
}

/** Runs a pipeline to its pixels. */
export async function takeRaster(image: Sharp): Promise<Raster> {
  const { data, info } = await image
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  return { data, width, height, channels: info.channels === 4 ? 4 : 3 };
}

/** These pixels as a layer for `composite`. */
export function layerOf({ data, width, height, channels }: Raster) {
  const input = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return { input, raw: { width, height, channels } };
}
