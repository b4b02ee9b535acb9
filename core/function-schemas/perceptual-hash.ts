import { z } from "zod";

/**
 * What a picture looks like, in 448 hex digits: 256 bits that say where it gets brighter from left to right
 * (a grid of 17 x 16 cells), then red, green and blue of 8 x 8 cells, a byte each. The bits know the shapes
 * and the colours tell a red dress from the same dress in blue.
 */
export const PERCEPTUAL_HASH = {
  columns: 17,
  rows: 16,
  colourCells: 8,
} as const;

const BIT_DIGITS = ((PERCEPTUAL_HASH.columns - 1) * PERCEPTUAL_HASH.rows) / 4;
const COLOUR_DIGITS = PERCEPTUAL_HASH.colourCells ** 2 * 3 * 2;

export const perceptualHashSchema = z
  .string()
  .regex(new RegExp(`^[0-9a-f]{${BIT_DIGITS + COLOUR_DIGITS}}$`));

/**
 * Measured on 30 photos of garments (`bench/prompt-similarity.ts`): encoded anew at lower quality and at half
 * the size they stay within 24 bits and 7 colour steps; different garments are 83 bits apart or more, the same
 * photo turned in hue 11 steps, one with a badge of an eighth of its width 20.
 */
const BITS_MAX = 32;
const COLOUR_STEPS_MAX = 9;

/** Whether two hashes are of one photo, encoded or scaled anew. A crop of a few per cent is another photo. */
export function isSimilar(one: string, other: string): boolean {
  if (one === other) return true;
  if (one.length !== other.length) return false;
  let bits = 0;
  for (let at = 0; at < BIT_DIGITS; at += 1) {
    bits += onesOf(digitAt(one, at) ^ digitAt(other, at));
    if (bits > BITS_MAX) return false;
  }
  for (let at = BIT_DIGITS; at < one.length; at += 2) {
    if (Math.abs(byteAt(one, at) - byteAt(other, at)) > COLOUR_STEPS_MAX) return false;
  }
  return true;
}

const digitAt = (hash: string, at: number): number => Number.parseInt(hash.charAt(at), 16);
const byteAt = (hash: string, at: number): number => Number.parseInt(hash.slice(at, at + 2), 16);

/** Of a number below 16. */
function onesOf(digit: number): number {
  return (digit & 1) + ((digit >> 1) & 1) + ((digit >> 2) & 1) + ((digit >> 3) & 1);
}
