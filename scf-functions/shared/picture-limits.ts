import type { ImageFormat } from "../../core/function-schemas/function-answer.ts";
import { IMAGE_LIMITS } from "../../core/function-schemas/image-processor.ts";
import { FunctionError } from "./function-error.ts";
import { readJpegStructure } from "./jpeg-structure.ts";
import { readPngStructure } from "./png-structure.ts";

type Size = { readonly width: number; readonly height: number };

/**
 * Refuses a picture from outside that costs more than it may, by its first bytes and markers, before any decoder sees
 * it: IMAGE_TOO_LARGE with the picture's own figures and the limit. WebP has none of these beyond its size.
 */
export function refuseCostly(bytes: Buffer, format: ImageFormat, name: string): void {
  if (format === "png") {
    const png = readPngStructure(bytes);
    if (png !== null) refuseHuge(png, name);
  }
  if (format !== "jpeg") return;
  const jpeg = readJpegStructure(bytes);
  if (jpeg === null) return;
  refuseHuge(jpeg, name);
  const work = jpeg.scans * jpeg.width * jpeg.height;
  if (jpeg.scans > IMAGE_LIMITS.jpegScansMax || work > IMAGE_LIMITS.jpegScannedPixelsMax) {
    throw new FunctionError(
      "IMAGE_TOO_LARGE",
      `${name} is a JPEG in ${jpeg.scans} scans, which takes too long to read: save it anew.`,
    );
  }
}

/** IMAGE_TOO_LARGE for too many pixels, a side that is too long, or a ratio that no picture has. */
export function refuseHuge({ width, height }: Size, name: string): void {
  const { sourcePixelsMax, sourceSideMax, sourceRatioMax } = IMAGE_LIMITS;
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  const limits = [
    ...(long > sourceSideMax ? [`a side has at most ${sourceSideMax}`] : []),
    ...(long > sourceRatioMax * Math.max(1, short)
      ? [`the longer side is at most ${sourceRatioMax} times the shorter`]
      : []),
    ...(width * height > sourcePixelsMax
      ? [`a picture has at most ${sourcePixelsMax / 1_000_000} megapixels`]
      : []),
  ];
  if (limits.length === 0) return;
  throw new FunctionError(
    "IMAGE_TOO_LARGE",
    `${name} is ${width} x ${height} pixels: ${limits.join(", and ")}.`,
  );
}
