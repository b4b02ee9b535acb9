import sharp, { type Blend } from "sharp";
import type { Drawing } from "./drawing.ts";

/** A drawing with how sharp, how large and in which blend it is laid on the picture. */
export interface Layer {
  readonly drawing: Drawing;
  /** Drawn at this share of the size (then enlarged): blurred things need few pixels. */
  readonly scale?: number;
  /** Blur as a share of the picture's shorter side. */
  readonly blur?: number;
  readonly blend?: Blend;
}

/** An RGBA picture in memory. */
export interface Raster {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Draws the layer; `share` of the drawing's size is the size of what comes back. */
export async function renderLayer(layer: Layer, share = 1): Promise<Raster> {
  const { drawing, blur = 0 } = layer;
  const scale = Math.min(layer.scale ?? 1, share);
  const target = {
    width: Math.max(8, Math.round(drawing.width * share)),
    height: Math.max(8, Math.round(drawing.height * share)),
  };
  const width = Math.max(8, Math.round(drawing.width * scale));
  const height = Math.max(8, Math.round(drawing.height * scale));
  const small = drawing
    .svg()
    .replace(
      `width="${drawing.width}" height="${drawing.height}"`,
      `width="${width}" height="${height}" preserveAspectRatio="none"`,
    );
  let picture = sharp(Buffer.from(small)).ensureAlpha();
  const sigma = blur * Math.min(width, height);
  if (sigma >= 0.3) picture = picture.blur({ sigma, precision: "approximate" });
  if (width !== target.width || height !== target.height) {
    picture = sharp(await picture.raw().toBuffer(), { raw: { width, height, channels: 4 } });
    picture = picture.resize(target.width, target.height, { fit: "fill", kernel: "cubic" });
  }
  return { data: await picture.raw().toBuffer(), ...target };
}

/** How sharp wants raw RGBA. */
export function rawInput({ data, width, height }: Raster) {
  const input = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return { input, raw: { width, height, channels: 4 as const } };
}
