import type { Watermark } from "../../../core/function-schemas/image-operations.ts";
import { gravityShares } from "../crop-area.ts";
import { layerOf, openRaster, type Raster, takeRaster } from "../raster.ts";
import { type Mark, pictureMark, textMark } from "./watermark-mark.ts";

export type Marked = { readonly raster: Raster; readonly said: string };

const TILE_DEGREES = -28;

/**
 * Puts a watermark on pixels: a second pass over the picture at its final size costs a third of a `composite`
 * in the decoding pipeline. `markBytes` is the picture of `imageKey`. A mark never exceeds the picture; `said`
 * tells what was drawn, or why nothing was.
 */
export async function watermarkRaster(
  raster: Raster,
  watermark: Watermark,
  markBytes: Buffer | null,
  timeoutMs: number,
): Promise<Marked> {
  const widthPx = Math.max(8, raster.width * watermark.scale);
  const mark: Mark =
    markBytes === null
      ? await textMark(watermark, widthPx)
      : { raster: await pictureMark(markBytes, widthPx, timeoutMs), said: "watermark picture" };
  if (mark.raster === null) return { raster, said: mark.said };
  const faint = fade(mark.raster, watermark.opacity);
  const placed = watermark.tile
    ? { ...layerOf(await fitInside(await slantedTile(faint), raster)), tile: true }
    : await atPosition(raster, faint, watermark);
  return { raster: await takeRaster(openRaster(raster).composite([placed])), said: mark.said };
}

function fade(mark: Raster, opacity: number): Raster {
  const data = mark.data.map((value, at) => (at % 4 === 3 ? Math.round(value * opacity) : value));
  return { ...mark, data };
}

async function atPosition(picture: Raster, wanted: Raster, { margin, position }: Watermark) {
  const free = Math.round(Math.min(picture.width, picture.height) * margin);
  const room = {
    width: Math.max(1, picture.width - 2 * free),
    height: Math.max(1, picture.height - 2 * free),
  };
  const mark = await fitInside(wanted, room);
  const { x, y } = gravityShares(position);
  return {
    ...layerOf(mark),
    left: free + Math.round((room.width - mark.width) * x),
    top: free + Math.round((room.height - mark.height) * y),
  };
}

async function fitInside(
  mark: Raster,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<Raster> {
  if (mark.width <= width && mark.height <= height) return mark;
  return takeRaster(openRaster(mark).resize(width, height, { fit: "inside" }));
}

/** One mark, slanted, with room around it. */
async function slantedTile(mark: Raster): Promise<Raster> {
  const clear = { r: 0, g: 0, b: 0, alpha: 0 };
  const slanted = await takeRaster(openRaster(mark).rotate(TILE_DEGREES, { background: clear }));
  const room = Math.round(Math.max(mark.height, mark.width * 0.12));
  return takeRaster(
    openRaster(slanted).extend({
      top: room,
      bottom: room,
      left: room,
      right: room,
      background: clear,
    }),
  );
}
