import { PERCEPTUAL_HASH } from "../../core/function-schemas/perceptual-hash.ts";
import { openPicture } from "./picture.ts";

const { columns, rows, colourCells } = PERCEPTUAL_HASH;

/** Both grids divide this without rest. */
const WIDTH = columns * colourCells;
const HEIGHT = rows * colourCells;

/**
 * The perceptual hash of a picture that was found whole before (`inspectPicture`): JPEG is shrunk while it is
 * read, so that it costs a few milliseconds. Throws what sharp throws.
 */
export async function perceptualHash(bytes: Buffer, timeoutMs: number): Promise<string> {
  const pixels = await openPicture(bytes, timeoutMs)
    .autoOrient()
    .resize(WIDTH, HEIGHT, { fit: "fill" })
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb")
    .raw()
    .toBuffer();
  return hashOfPixels(pixels);
}

/** Of WIDTH x HEIGHT pixels, red, green and blue in turn. */
function hashOfPixels(pixels: Uint8Array): string {
  const greys = meansOf(pixels, columns, rows).map(
    ([red, green, blue]) => 0.299 * red + 0.587 * green + 0.114 * blue,
  );
  let digits = "";
  for (let row = 0; row < rows; row += 1) {
    const line = greys.slice(row * columns, (row + 1) * columns);
    const bits = line.slice(1).map((grey, at) => (grey > (line[at] ?? 0) ? "1" : "0"));
    digits += hex(Number.parseInt(bits.join(""), 2), (columns - 1) / 4);
  }
  const colours = meansOf(pixels, colourCells, colourCells).flat();
  return digits + colours.map((value) => hex(Math.round(value), 2)).join("");
}

type Colour = [red: number, green: number, blue: number];

/** The mean colour of each cell, row by row. */
function meansOf(pixels: Uint8Array, across: number, down: number): Colour[] {
  const [width, height] = [WIDTH / across, HEIGHT / down];
  return Array.from({ length: across * down }, (_, cell) => {
    const left = (cell % across) * width;
    const top = Math.floor(cell / across) * height;
    const sum: Colour = [0, 0, 0];
    for (let y = top; y < top + height; y += 1) {
      for (let x = left; x < left + width; x += 1) {
        const at = (y * WIDTH + x) * 3;
        sum[0] += pixels[at] ?? 0;
        sum[1] += pixels[at + 1] ?? 0;
        sum[2] += pixels[at + 2] ?? 0;
      }
    }
    const count = width * height;
    return [sum[0] / count, sum[1] / count, sum[2] / count];
  });
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");
