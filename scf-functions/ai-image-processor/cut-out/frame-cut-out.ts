import type { z } from "zod";
import type { cutOutSchema } from "../../../core/function-schemas/image-operations.ts";
import type { CutOut } from "./cut-out.ts";
import { layerOf, openRaster, type Raster, takeRaster } from "../raster.ts";

type CutOutOptions = z.output<typeof cutOutSchema>;
type Offset = { readonly left: number; readonly top: number };

const CLEAR = { r: 0, g: 0, b: 0, alpha: 0 };

/**
 * Puts a cut garment before its new background: in its place in the photo, or with the `marketplace` preset in
 * the middle of a square. "transparent" keeps four channels; a colour gives three.
 */
export async function frameCutOut(cut: CutOut, options: CutOutOptions): Promise<Raster> {
  const whole: Raster = { data: cut.rgba, width: cut.width, height: cut.height, channels: 4 };
  if (options.preset !== "marketplace") return putOn(whole, whole, { left: 0, top: 0 }, options);
  const inner = Math.max(1, Math.round(options.side * (1 - 2 * options.margin)));
  const garment = await takeRaster(
    openRaster(await takeRaster(openRaster(whole).extract(cut.box))).resize(inner, inner, {
      fit: "inside",
    }),
  );
  const offset = {
    left: Math.round((options.side - garment.width) / 2),
    top: Math.round((options.side - garment.height) / 2),
  };
  return putOn(garment, { width: options.side, height: options.side }, offset, options);
}

/** The whole photo in the shape that the cut would have had, for when the cut is not to be trusted. */
export async function frameWholePhoto(photo: Raster, options: CutOutOptions): Promise<Raster> {
  if (options.preset !== "marketplace") return photo;
  const background = options.background === "transparent" ? CLEAR : options.background;
  const channels = openRaster(photo).ensureAlpha();
  const image = channels.resize(options.side, options.side, { fit: "contain", background });
  return takeRaster(
    options.background === "transparent"
      ? image
      : image.flatten({ background: options.background }),
  );
}

async function putOn(
  garment: Raster,
  { width, height }: { readonly width: number; readonly height: number },
  offset: Offset,
  options: CutOutOptions,
): Promise<Raster> {
  const background = options.background === "transparent" ? CLEAR : options.background;
  const channels = options.background === "transparent" ? 4 : 3;
  const base = openRaster({
    data: new Uint8Array(width * height * 4),
    width,
    height,
    channels: 4,
  });
  const layers = [{ ...layerOf(garment), ...offset }];
  if (options.shadow && options.background !== "transparent") {
    layers.unshift(await softShadow(garment, { width, height }, offset));
  }
  const composed = await takeRaster(base.composite(layers));
  if (channels === 4) return composed;
  return takeRaster(openRaster(composed).flatten({ background }));
}

/** The garment's own shape, dark and faint, a little lower and blurred, as large as the background. */
async function softShadow(
  garment: Raster,
  { width, height }: { readonly width: number; readonly height: number },
  offset: Offset,
) {
  const shade = new Uint8Array(width * height * 4);
  const drop = Math.round(height * 0.012);
  for (let y = 0; y < garment.height; y++) {
    const row = y + offset.top + drop;
    if (row >= height) break;
    for (let x = 0; x < garment.width; x++) {
      const amount = garment.data[4 * (y * garment.width + x) + 3] ?? 0;
      const at = 4 * (row * width + x + offset.left);
      shade[at] = 40;
      shade[at + 1] = 34;
      shade[at + 2] = 30;
      shade[at + 3] = Math.round(amount * 0.42);
    }
  }
  const dark = openRaster({ data: shade, width, height, channels: 4 });
  const blurred = await takeRaster(dark.blur(Math.max(1, height * 0.014)));
  return { ...layerOf(blurred), left: 0, top: 0 };
}
