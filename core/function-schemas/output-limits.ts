import type { Operations, OutputFormat, VariantName } from "./image-operations.ts";

type OutputLimits = {
  /** What the format itself can hold. */
  readonly sideMax: number;
  /** What the function can encode within its 30 s. */
  readonly pixelsMax: number;
  /** Megabytes for each megapixel, as measured with sharp 0.35 on pictures of 4 to 67 megapixels. */
  readonly megabytes: number;
};

/** The longest side of a result that a customer may ask for. */
export const RESULT_SIDE_MAX = 8192;

export const OUTPUT_LIMITS = {
  jpeg: { sideMax: 65_535, pixelsMax: RESULT_SIDE_MAX * RESULT_SIDE_MAX, megabytes: 6.5 },
  png: { sideMax: 65_535, pixelsMax: RESULT_SIDE_MAX * RESULT_SIDE_MAX, megabytes: 6.5 },
  webp: { sideMax: 16_383, pixelsMax: 25_000_000, megabytes: 14 },
  avif: { sideMax: 16_384, pixelsMax: 12_500_000, megabytes: 40 },
} as const satisfies Record<OutputFormat, OutputLimits>;

/**
 * What one call of the function works on at a time takes at most this much of its 1,024 MB; the rest is Node, sharp,
 * OpenCV (200 MB together), and the files as they came and go.
 */
export const WORK_MEGABYTES_MAX = 640;
/** Whatever else a picture takes. */
const EACH_MEGABYTES = 20;
/** A megapixel that is kept between two steps, and once more for what is put on it. */
const PIXELS_MEGABYTES = 9;
/** A megapixel of a mark: its pixels, made fainter, and the layer. */
const MARK_MEGABYTES = 12;

type Size = { readonly width: number; readonly height: number };
type Made = Pick<Operations, "format" | "watermark" | "cutOut" | "targetBytes" | "crop">;

/** Megabytes for making a result of this size. */
export function encodeMegabytes(
  size: Size,
  operations: Made,
  variants: readonly VariantName[],
): number {
  return EACH_MEGABYTES + megapixels(size) * megabytesEach(operations, variants);
}

/** The most pixels of a result, beside so many megabytes for reading its photo. */
export function resultPixelsMax(
  operations: Made,
  variants: readonly VariantName[],
  decodeMegabytes: number,
): number {
  const free = WORK_MEGABYTES_MAX - EACH_MEGABYTES - decodeMegabytes;
  const fitting = Math.floor((free / megabytesEach(operations, variants)) * 1_000_000);
  return Math.min(OUTPUT_LIMITS[operations.format].pixelsMax, fitting);
}

/** Why a result cannot be as large as it was asked to be, with the limit and the cure; null when it can. */
export function outputFault(size: Size, format: OutputFormat, pixelsMax: number): string | null {
  const tooMany = `${size.width} x ${size.height} pixels are too many`;
  if (Math.max(size.width, size.height) > RESULT_SIDE_MAX) {
    return `${tooMany}: a side has at most ${RESULT_SIDE_MAX}`;
  }
  if (size.width * size.height <= pixelsMax) return null;
  const limit = (Math.floor(pixelsMax / 100_000) / 10).toFixed(1).replace(/\.0$/, "");
  return `${tooMany} for ${format} with these options: at most ${limit} megapixels; give a smaller size, or another format`;
}

export const megapixels = ({ width, height }: Size) => (width * height) / 1_000_000;

function megabytesEach(operations: Made, variants: readonly VariantName[]): number {
  const { format, watermark, cutOut, targetBytes, crop } = operations;
  const isByAttention = crop !== undefined && "ratio" in crop && crop.position === "attention";
  const keepsPixels =
    variants.length > 0 ||
    isByAttention ||
    [watermark, cutOut, targetBytes].some((option) => option !== undefined);
  // A mark is as wide as it is told, at most as large as the picture, and a text at most a third as high as wide.
  const share = watermark === undefined ? 0 : watermark.tile ? 1 : watermark.scale;
  return (
    OUTPUT_LIMITS[format].megabytes +
    (keepsPixels ? PIXELS_MEGABYTES : 0) +
    share * (watermark?.imageKey === undefined ? 0.5 : 1) * MARK_MEGABYTES
  );
}
