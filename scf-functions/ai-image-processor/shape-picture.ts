import type { Sharp } from "sharp";
import type { Operations } from "../../core/function-schemas/image-operations.ts";
import type { ImageReport } from "../../core/function-schemas/image-processor.ts";
import { openPicture } from "../shared/picture.ts";
import { cropArea } from "./crop-area.ts";
import type { Size } from "./output-size.ts";
import { CUT_OUT_SIDE_MAX, CUT_OUT_TRUST, cutOutPixels } from "./cut-out/cut-out.ts";
import { frameCutOut, frameWholePhoto } from "./cut-out/frame-cut-out.ts";
import { openRaster, takeRaster } from "./raster.ts";

type Photo = {
  readonly bytes: Buffer;
  readonly upright: Size;
  /** What the result is fitted into at last. */
  readonly box: Size | null;
};
export type Shaped = {
  /** Not yet run: the caller decides whether it ends in pixels or in a file. */
  readonly image: Sharp;
  readonly done: readonly string[];
  readonly cutOut?: NonNullable<ImageReport["cutOut"]>;
};

const WHITE = "#ffffff";
/** Of what is left of the call: the picture is to be encoded and stored afterwards. */
const SEARCH_TIME_SHARE = 0.6;

/**
 * Turn, crop, cut out, resize and fill, in this order. One pipeline from the file on, with shrink-on-load,
 * unless a crop by attention or a cut-out must see the pixels in between.
 */
export async function shapePicture(
  { bytes, upright, box }: Photo,
  operations: Operations,
  timeoutMs: number,
): Promise<Shaped> {
  const opened = openPicture(bytes, timeoutMs);
  const turned = operations.autoOrient ? opened.autoOrient() : opened;
  const cropped = await crop(turned, upright, operations);
  const cut = await cutOut(cropped.image, operations, timeoutMs);
  const resized = resize(cut.image, operations);
  const fill = operations.background ?? (operations.format === "jpeg" ? WHITE : undefined);
  const fitted = await fit(resized, box, operations);
  const image = fill === undefined ? fitted.image : fitted.image.flatten({ background: fill });
  return {
    image,
    done: [
      ...cropped.done,
      ...cut.done,
      ...resized.done,
      ...fitted.done,
      ...(operations.background === undefined ? [] : [`background ${operations.background}`]),
    ],
    ...(cut.found === undefined ? {} : { cutOut: cut.found }),
  };
}

async function crop(image: Sharp, upright: Size, operations: Operations) {
  if (operations.crop === undefined) return { image, done: [] };
  const plan = cropArea(operations.crop, upright);
  if ("area" in plan) {
    const { width, height, left, top } = plan.area;
    const done = [`cropped to ${width} x ${height} at ${left}, ${top}`];
    return { image: image.extract(plan.area), done };
  }
  const { width, height } = plan.attention;
  const raster = await takeRaster(
    image.resize(width, height, { fit: "cover", position: "attention" }),
  );
  const done = [`cropped to ${width} x ${height} where the eye goes`];
  return { image: openRaster(raster), done };
}

async function cutOut(image: Sharp, { cutOut: options }: Operations, timeoutMs: number) {
  if (options === undefined) return { image, done: [] };
  const side = CUT_OUT_SIDE_MAX;
  const photo = await takeRaster(
    image
      .resize(side, side, { fit: "inside", withoutEnlargement: true })
      .flatten({ background: WHITE }),
  );
  const size = { width: photo.width, height: photo.height };
  const cut = await cutOutPixels({ rgb: photo.data, size }, timeoutMs * SEARCH_TIME_SHARE);
  const { confidence } = cut;
  const used = confidence >= CUT_OUT_TRUST;
  const framed = used ? await frameCutOut(cut, options) : await frameWholePhoto(photo, options);
  const said = used
    ? `garment cut out, on ${options.background} (confidence ${confidence})`
    : `whole photo kept: the cut-out ${cut.stopped === true ? "took too long" : "was not sure enough"} (confidence ${confidence})`;
  const frame =
    options.preset === undefined ? [] : [`${options.preset} square of ${options.side} px`];
  return { image: openRaster(framed), done: [said, ...frame], found: { confidence, used } };
}

function resize(image: Sharp, operations: Operations) {
  const { resize: options, cutOut: cut } = operations;
  if (options === undefined || (options.width ?? options.height) === undefined)
    return { image, done: [] };
  const isClear = cut?.background === "transparent" && operations.background === undefined;
  const bars = isClear ? { r: 0, g: 0, b: 0, alpha: 0 } : (operations.background ?? WHITE);
  const resized = image.resize({
    ...(options.width === undefined ? {} : { width: options.width }),
    ...(options.height === undefined ? {} : { height: options.height }),
    fit: options.mode === "fit" ? "inside" : options.mode,
    withoutEnlargement: !options.enlarge,
    background: bars,
    position: options.position,
  });
  return { image: resized, done: [`resized (${options.mode})`] };
}

/** A second resize would replace the first, so that one ends in pixels. */
async function fit(
  { image, done }: { readonly image: Sharp; readonly done: readonly string[] },
  box: Size | null,
  { format }: Operations,
) {
  if (box === null) return { image, done: [] };
  const source = done.length === 0 ? image : openRaster(await takeRaster(image));
  const fitted = source.resize({ ...box, fit: "inside", withoutEnlargement: true });
  return { image: fitted, done: [`made smaller: that is as large as ${format} gets here`] };
}
