import type { Watermark } from "../../../core/function-schemas/image-operations.ts";
import { drawnText, undrawableLetters } from "../../../core/function-schemas/drawable-text.ts";
import { FunctionError } from "../../shared/function-error.ts";
import { drawableScript, drawText, type Ink } from "./watermark-font.ts";
import { openPicture, pictureError } from "../../shared/picture.ts";
import { MARK_NAME } from "./read-mark.ts";
import { layerOf, openRaster, type Raster, takeRaster } from "../raster.ts";

/** What is put on the picture, or why it is missing; `said` goes into the report. */
export type Mark = { readonly raster: Raster | null; readonly said: string };

const TEXT_SIDE_MAX = 1200;

/**
 * Draws the text of a watermark at a width: letters of its colour over a soft shadow, so that it can be read on
 * light and on dark. Where Chinese cannot be drawn, the Latin part of the text is, and `said` tells.
 */
export async function textMark(watermark: Watermark, widthPx: number): Promise<Mark> {
  const wanted = drawnText(watermark.text ?? "");
  const letters = undrawableLetters(wanted);
  if (letters.length > 0) {
    throw new FunctionError(
      "IMAGE_OPERATION_INVALID",
      `/options/watermark has letters that cannot be drawn: ${letters.join(", ")}.`,
    );
  }
  const script = await drawableScript();
  const text = script === "chinese" ? wanted : script === "latin" ? latinOf(wanted) : "";
  if (text === "") return { raster: null, said: "watermark left out: no font here draws it" };
  const raster = await drawMark(text, watermark.colour, widthPx);
  const part = text === wanted ? "" : " (Latin part only: no font here draws the rest)";
  return { raster, said: `watermark "${text}"${part}` };
}

async function drawMark(text: string, colour: string, widthPx: number): Promise<Raster> {
  const trial = await drawText(text, 64);
  // A short word shall not become as high as it is wide.
  const size = Math.min((64 * widthPx) / trial.width, widthPx / 3, TEXT_SIDE_MAX);
  return withShadow(await drawText(text, Math.max(8, size)), colour);
}

/** A mark from a picture of the store, at a width; keeps its transparency. */
export async function pictureMark(
  bytes: Buffer,
  widthPx: number,
  timeoutMs: number,
): Promise<Raster> {
  const side = Math.max(1, Math.round(widthPx));
  try {
    const image = openPicture(bytes, timeoutMs).autoOrient();
    return await takeRaster(image.resize(side, side, { fit: "inside" }).ensureAlpha());
  } catch (error) {
    throw pictureError(error, MARK_NAME);
  }
}

async function withShadow(ink: Ink, colour: string): Promise<Raster> {
  const reach = Math.max(1, Math.round(ink.height * 0.07));
  const room = 3 * reach;
  const width = ink.width + 2 * room;
  const height = ink.height + 2 * room;
  const letters = new Uint8Array(width * height * 4);
  const shade = new Uint8Array(width * height * 4);
  const rgb = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  // Dark letters need a light halo, light ones a dark shadow.
  const light = (rgb[0] ?? 0) * 0.3 + (rgb[1] ?? 0) * 0.59 + (rgb[2] ?? 0) * 0.11;
  const behind = light < 150 ? 255 : 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x);
      const inside = x >= room && y >= room && x < room + ink.width && y < room + ink.height;
      const amount = inside ? (ink.data[(y - room) * ink.width + x - room] ?? 0) : 0;
      letters.set([...rgb, amount], at);
      shade.set([behind, behind, behind, Math.round(amount * 0.9)], at);
    }
  }
  const below = openRaster({ data: shade, width, height, channels: 4 }).blur(Math.max(0.6, reach));
  const above = layerOf({ data: letters, width, height, channels: 4 });
  return takeRaster(
    openRaster(await takeRaster(below))
      .composite([above])
      .ensureAlpha(),
  );
}

function latinOf(text: string): string {
  return text
    .replaceAll(/[^\u0020-\u024f]/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}
