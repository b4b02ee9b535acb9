import { deflateSync } from "node:zlib";
import { pngChunk } from "../shared/png-structure.ts";

/** PNG's own numbers: grey, colours, palette, grey with alpha, colours with alpha. */
type PngColour = 0 | 2 | 3 | 4 | 6;
export type PngKind = readonly [depth: 1 | 2 | 4 | 8 | 16, colour: PngColour];

export const PNG_KINDS: readonly PngKind[] = [
  ...([1, 2, 4, 8, 16] as const).map((depth) => [depth, 0] as const),
  ...([1, 2, 4, 8] as const).map((depth) => [depth, 3] as const),
  ...([8, 16] as const).flatMap((depth) => ([2, 4, 6] as const).map((c) => [depth, c] as const)),
];
export const hasAlpha = ([, colour]: PngKind) => colour >= 3;

/** Shares of the largest value, in the order of the file's channels. */
const LEFT = { 0: [1], 2: [1, 0, 0], 3: [1], 4: [1, 1], 6: [1, 0, 0, 1] } as const;
const RIGHT = { 0: [0], 2: [0, 0, 1], 3: [0], 4: [1, 0], 6: [1, 0, 0, 0] } as const;

/** A square whose left half is white or red; its right half is clear where the kind can be, black or blue else. */
export function halvesPng([depth, colour]: PngKind, side = 64): Buffer {
  // A palette's values are places in it.
  const most = colour === 3 ? 1 : 2 ** depth - 1;
  const rows = Array.from({ length: side }, () => {
    const values = Array.from({ length: side }, (_, x) => (x < side / 2 ? LEFT : RIGHT)[colour]);
    const bits = values.flat().map((share) => (share * most).toString(2).padStart(depth, "0"));
    const bytes = bits.join("").match(/.{1,8}/g) ?? [];
    return [0, ...bytes.map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2))];
  });
  const palette = [
    pngChunk("PLTE", Buffer.from([0, 0, 255, 255, 0, 0])),
    pngChunk("tRNS", Buffer.from([0, 255])),
  ];
  const kind = { width: side, height: side, depth, colour };
  return pngOf(kind, Buffer.from(rows.flat()), colour === 3 ? palette : []);
}

type PngHeader = {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: PngColour;
};

/** A PNG of these rows, each with its filter before it. */
function pngOf(
  { width, height, depth, colour }: PngHeader,
  rows: Buffer,
  more: readonly Buffer[] = [],
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    pngChunk("IHDR", header),
    ...more,
    pngChunk("IDAT", deflateSync(rows)),
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
}

/** A black PNG of 8 bits a pixel, whatever its shape. */
export function blackPng(width: number, height: number, more: readonly Buffer[] = []): Buffer {
  const rows = Buffer.alloc((width + 1) * height);
  return pngOf({ width, height, depth: 8, colour: 0 }, rows, more);
}
