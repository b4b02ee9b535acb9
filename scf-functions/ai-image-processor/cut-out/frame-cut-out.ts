import type { z } from "zod";
import type { cutOutSchema } from "../../../core/function-schemas/image-operations.ts";
import type { CutOut } from "./cut-out.ts";
import { layerOf, openRaster, type Raster, takeRaster } from "../raster.ts";

type CutOutWish = z.output<typeof cutOutSchema>;
type Place = { readonly left: number; readonly top: number };

const CLEAR = { r: 0, g: 0, b: 0, alpha: 0 };

/**
 * Puts a cut garment before its new background: in its place in the photo, or with the `marketplace` preset in
 * the middle of a square. "transparent" keeps four channels; a colour gives three.
 */
export async function frameCutOut(cut: CutOut, wish: CutOutWish): Promise<Raster> {
  const whole: Raster = { data: cut.rgba, width: cut.width, height: cut.height, channels: 4 };
  if (wish.preset !== "marketplace") return putOn(whole, whole, { left: 0, top: 0 }, wish);
  const inner = Math.max(1, Math.round(wish.side * (1 - 2 * wish.margin)));
  const garment = await takeRaster(
    openRaster(await takeRaster(openRaster(whole).extract(cut.box))).resize(inner, inner, {
      fit: "inside",
    }),
  );
  const place = {
    left: Math.round((wish.side - garment.width) / 2),
    top: Math.round((wish.side - garment.height) / 2),
  };
  return putOn(garment, { width: wish.side, height: wish.side }, place, wish);
}

/** The whole photo in the shape that the cut would have had, for when the cut is not to be trusted. */
export async function frameWholePhoto(photo: Raster, wish: CutOutWish): Promise<Raster> {
  if (wish.preset !== "marketplace") return photo;
  const background = wish.background === "transparent" ? CLEAR : wish.background;
  const channels = openRaster(photo).ensureAlpha();
  const image = channels.resize(wish.side, wish.side, { fit: "contain", background });
  return takeRaster(
    wish.background === "transparent" ? image : image.flatten({ background: wish.background }),
  );
}

async function putOn(
  garment: Raster,
  { width, height }: { readonly width: number; readonly height: number },
  place: Place,
  wish: CutOutWish,
): Promise<Raster> {
  const background = wish.background === "transparent" ? CLEAR : wish.background;
  const channels = wish.background === "transparent" ? 4 : 3;
  const base = openRaster({
    data: new Uint8Array(width * height * 4),
    width,
    height,
    channels: 4,
  });
  const layers = [{ ...layerOf(garment), ...place }];
  if (wish.shadow && wish.background !== "transparent") {
    layers.unshift(await softShadow(garment, { width, height }, place));
  }
  const composed = await takeRaster(base.composite(layers));
  if (channels === 4) return composed;
  return takeRaster(openRaster(composed).flatten({ background }));
}

/** The garment's own shape, dark and faint, a little lower and blurred, as large as the background. */
async function softShadow(
  garment: Raster,
  { width, height }: { readonly width: number; readonly height: number },
  place: Place,
) {
  const shade = new Uint8Array(width * height * 4);
  const drop = Math.round(height * 0.012);
  for (let y = 0; y < garment.height; y++) {
    const row = y + place.top + drop;
    if (row >= height) break;
    for (let x = 0; x < garment.width; x++) {
      const amount = garment.data[4 * (y * garment.width + x) + 3] ?? 0;
      const at = 4 * (row * width + x + place.left);
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
