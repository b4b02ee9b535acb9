import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";

/** Noto Sans SC Medium, some 8,000 characters, under the SIL Open Font License (fonts/OFL.txt). */
export const FONT_FAMILY = "Noto Sans SC Thin Medium";
export const FONT_FILE = "fonts/noto-sans-sc-medium.ttf";

/** Text as the amount of ink per pixel, 0..255. */
export type Ink = { readonly data: Uint8Array; readonly width: number; readonly height: number };

/** What the fonts of this machine can draw; without one, letters come out as boxes and nobody says so. */
export type Script = "chinese" | "latin" | "none";

let known: Promise<Script> | undefined;

/** Tests the shipped font once an instance, at the first watermark. */
export function drawableScript(): Promise<Script> {
  known ??= testFont();
  return known;
}

/**
 * Draws one line with the shipped font, falling back to the system's. Never wider or higher than a few
 * thousand pixels, since text and size are bounded by the caller. Rejects where there is nothing to draw.
 */
export async function drawText(
  text: string,
  sizePx: number,
  fontFile: string = shippedFont(),
): Promise<Ink> {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const { data, info } = await sharp({
    text: {
      text: `<span foreground="#ffffff">${escaped}</span>`,
      // Without the comma "Thin Medium" would be read as a weight.
      font: `${FONT_FAMILY}, ${Math.round(sizePx)}`,
      fontfile: fontFile,
      rgba: true,
      // At 72 dots an inch a point is a pixel.
      dpi: 72,
    },
  })
    .extractChannel(3)
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** The test itself; the file can be given to see what happens without it. */
export async function testFont(fontFile: string = shippedFont()): Promise<Script> {
  const draw = (text: string) => drawText(text, 48, fontFile).catch(() => null);
  const [one, other, missing, latin] = [
    await draw("\u6c38"),
    await draw("\u6587"),
    await draw("\u{10fffd}"),
    await draw("A"),
  ];
  if (isDrawn(one) && isDrawn(other) && !isSame(one, other) && !isSame(one, missing)) {
    return "chinese";
  }
  return isDrawn(latin) ? "latin" : "none";
}

// Beside index.js in a bundle, whose first line tells its folder; beside this file in the sources.
function shippedFont(): string {
  const folder: unknown = Reflect.get(globalThis, "functionFolder");
  if (typeof folder === "string") return join(folder, FONT_FILE);
  return fileURLToPath(new URL(`../${FONT_FILE}`, import.meta.url));
}

// A box that stands for a missing letter has ink along all four sides; none of the letters above does.
function isDrawn(ink: Ink | null): ink is Ink {
  if (ink === null) return false;
  const { data, width, height } = ink;
  const has = (x: number, y: number) => ((data[y * width + x] ?? 0) > 60 ? 1 : 0);
  const share = (count: number, at: (i: number) => number) =>
    Array.from({ length: count }, (_, i) => at(i)).reduce((sum, value) => sum + value, 0) / count;
  // A few lines deep, since the outermost ones may be half covered.
  const depths = [0, 1, 2, 3];
  const sides = [
    depths.map((depth) => share(width, (x) => has(x, depth))),
    depths.map((depth) => share(width, (x) => has(x, height - 1 - depth))),
    depths.map((depth) => share(height, (y) => has(depth, y))),
    depths.map((depth) => share(height, (y) => has(width - 1 - depth, y))),
  ];
  return !sides.every((shares) => Math.max(...shares) > 0.85);
}

function isSame(one: Ink, other: Ink | null): boolean {
  if (other === null || one.width !== other.width || one.height !== other.height) return false;
  return Buffer.compare(one.data, other.data) === 0;
}
