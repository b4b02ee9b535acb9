import type { Sharp } from "sharp";

/** RGBA pixels in the shape that sharp takes as input or as an overlay. */
export interface RawPicture {
  readonly input: Buffer;
  readonly raw: { readonly width: number; readonly height: number; readonly channels: 4 };
}

/** Runs the pipeline to pixels: between steps that is faster than any file format. */
export async function rawOf(picture: Sharp): Promise<RawPicture> {
  const { data, info } = await picture.ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { input: data, raw: { width: info.width, height: info.height, channels: 4 } };
}
