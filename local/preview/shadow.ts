import sharp from "sharp";
import { rgbOfHex } from "./colour.ts";
import type { Raster } from "./layer.ts";

/** A part of the picture with its place; what lies outside of the picture is cut off. */
export interface Placed extends Raster {
  readonly left: number;
  readonly top: number;
}

/**
 * The soft shadow of a shape: its alpha, squashed to `width` x `height`, blurred by `sigma` pixels. Drawn
 * at a quarter of the size, since nobody sees detail in a blur.
 */
export async function softShadow(
  shape: Raster,
  options: {
    readonly width: number;
    readonly height: number;
    readonly sigma: number;
    readonly colour: string;
    readonly opacity: number;
  },
): Promise<Raster & { margin: number }> {
  const margin = Math.ceil(options.sigma * 2.6);
  const small = 4;
  const shapeAlpha = new Uint8Array(shape.width * shape.height);
  for (let at = 0; at < shapeAlpha.length; at++) shapeAlpha[at] = shape.data[at * 4 + 3] ?? 0;
  const squashed = await sharp(shapeAlpha, {
    raw: { width: shape.width, height: shape.height, channels: 1 },
  })
    .resize(pixels(options.width / small), pixels(options.height / small), { fit: "fill" })
    .toColourspace("b-w")
    .png()
    .toBuffer();
  const rim = pixels(margin / small);
  const alpha = await sharp(squashed)
    .extend({ top: rim, bottom: rim, left: rim, right: rim, background: "#000" })
    .blur(Math.max(0.5, options.sigma / small))
    .toColourspace("b-w")
    .png()
    .toBuffer();
  const size = {
    width: pixels(options.width) + 2 * margin,
    height: pixels(options.height) + 2 * margin,
  };
  const mask = await sharp(alpha)
    .resize(size.width, size.height, { fit: "fill", kernel: "cubic" })
    .toColourspace("b-w")
    .raw()
    .toBuffer({ resolveWithObject: true });
  const [r, g, b] = rgbOfHex(options.colour);
  const data = new Uint8Array(size.width * size.height * 4);
  const { channels } = mask.info;
  for (let at = 0; at < size.width * size.height; at++) {
    data[at * 4] = r;
    data[at * 4 + 1] = g;
    data[at * 4 + 2] = b;
    data[at * 4 + 3] = (mask.data[at * channels] ?? 0) * options.opacity;
  }
  return { data, ...size, margin };
}

/** The part of a placed picture that lies inside of the canvas, or undefined when none does. */
export function clipTo(placed: Placed, width: number, height: number): Placed | undefined {
  const left = Math.max(0, Math.round(placed.left));
  const top = Math.max(0, Math.round(placed.top));
  const right = Math.min(width, Math.round(placed.left) + placed.width);
  const bottom = Math.min(height, Math.round(placed.top) + placed.height);
  if (right <= left || bottom <= top) return undefined;
  const [wide, high] = [right - left, bottom - top];
  const data = new Uint8Array(wide * high * 4);
  for (let y = 0; y < high; y++) {
    const row = (top + y - Math.round(placed.top)) * placed.width;
    const from = (row + left - Math.round(placed.left)) * 4;
    data.set(placed.data.subarray(from, from + wide * 4), y * wide * 4);
  }
  return { data, width: wide, height: high, left, top };
}

function pixels(value: number): number {
  return Math.max(1, Math.round(value));
}
