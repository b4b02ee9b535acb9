import { VARIANT_WIDTHS, type VariantName } from "../../core/function-schemas/image-operations.ts";
import { OUTPUT_LIMITS } from "../../core/function-schemas/output-limits.ts";
import type { ImageReport } from "../../core/function-schemas/image-processor.ts";
import { pictureError, type PictureFacts, readPictureHeader } from "../shared/picture.ts";
import {
  DEFAULT_QUALITY,
  type EncodedPicture,
  encodePicture,
  type Encoding,
  encodeToTarget,
} from "./encode-picture.ts";
import { type OutputPlan, planOutput } from "./plan-output.ts";
import { openRaster, type Raster, takeRaster } from "./raster.ts";
import type { Operations } from "../../core/function-schemas/image-operations.ts";
import { type Shaped, shapePicture } from "./shape-picture.ts";
import { MARK_NAME } from "./watermark/read-mark.ts";
import { watermarkRaster } from "./watermark/watermark.ts";
import { createWorkMemory, decodeMegabytes, type WorkMemory } from "./work-memory.ts";

type Work = {
  /** How failures call the picture. */
  readonly name: string;
  readonly timeoutMs: number;
  /** The picture of the watermark's `imageKey`. */
  readonly markBytes?: Buffer | null;
  readonly variants?: readonly VariantName[];
  /** What those who work at the same time share. */
  readonly memory?: WorkMemory;
};
type MadeVariant = EncodedPicture & { readonly name: VariantName };
export type MadePicture = EncodedPicture & {
  readonly report: ImageReport;
  readonly variants: readonly MadeVariant[];
};

/**
 * Everything that the operations ask for, from one decode: turn, crop, cut out, resize, fill, watermark,
 * encode; then smaller copies from the same pixels, each with its own watermark. sRGB, no metadata. A picture
 * that needs nothing between resizing and encoding goes through one pipeline without pixels in between.
 * Throws IMAGE_* failures that name the picture, IMAGE_OPERATION_INVALID for a crop or a size that cannot be.
 */
export async function reencodePicture(
  bytes: Buffer,
  operations: Operations,
  work: Work,
): Promise<MadePicture> {
  const header = await readPictureHeader(bytes, work);
  const plan = planOutput(bytes, header, operations, work.variants ?? []);
  const forMark = await markMegabytes(work);
  const giveBack = await (work.memory ?? createWorkMemory()).take(plan.megabytes + forMark);
  try {
    return await makePicture({ bytes, header, plan }, operations, work);
  } catch (error) {
    throw pictureError(error, work.name);
  } finally {
    giveBack();
  }
}

/** The mark is read under the rules of every picture. */
async function markMegabytes({ markBytes, timeoutMs }: Work): Promise<number> {
  if (markBytes === undefined || markBytes === null) return 0;
  const facts = await readPictureHeader(markBytes, { name: MARK_NAME, timeoutMs });
  return decodeMegabytes(markBytes, facts.format, facts);
}

type Source = { readonly bytes: Buffer; readonly header: PictureFacts; readonly plan: OutputPlan };

async function makePicture(
  { bytes, header, plan }: Source,
  operations: Operations,
  work: Work,
): Promise<MadePicture> {
  const variants = work.variants ?? [];
  const photo = { bytes, upright: header, box: plan.box };
  const shaped = await shapePicture(photo, operations, work.timeoutMs);
  const needsPixels =
    variants.length > 0 ||
    operations.watermark !== undefined ||
    (operations.targetBytes !== undefined && operations.format !== "png");
  const encoding = encodingOf(operations, plan.pixels);
  if (!needsPixels) {
    const main = await encodePicture(shaped.image, encoding);
    return { ...main, variants: [], report: reportOf(bytes, main, shaped, operations) };
  }
  const pixels = await takeRaster(shaped.image);
  const marked = await mark(pixels, operations, work);
  const main = await encodeMain(marked.raster, encoding, operations.targetBytes);
  const copies: MadeVariant[] = [];
  for (const name of new Set(variants)) copies.push(await copy(pixels, name, operations, work));
  const all = { ...shaped, done: [...shaped.done, ...marked.said] };
  return { ...main, variants: copies, report: reportOf(bytes, main, all, operations) };
}

const encodingOf = ({ format, quality, purpose }: Operations, pixels: number): Encoding => ({
  format,
  quality: quality ?? DEFAULT_QUALITY[format],
  purpose,
  pixels,
});

function encodeMain(raster: Raster, encoding: Encoding, targetBytes: number | undefined) {
  return targetBytes === undefined || encoding.format === "png"
    ? encodePicture(openRaster(raster), encoding)
    : encodeToTarget(raster, encoding, targetBytes);
}

async function mark(raster: Raster, { watermark }: Operations, work: Work) {
  if (watermark === undefined) return { raster, said: [] };
  const marked = await watermarkRaster(raster, watermark, work.markBytes ?? null, work.timeoutMs);
  return { raster: marked.raster, said: [marked.said] };
}

// The mark is drawn on each copy anew: a scaled one would be blurred where it is smallest.
async function copy(
  pixels: Raster,
  name: VariantName,
  operations: Operations,
  work: Work,
): Promise<MadeVariant> {
  const width = VARIANT_WIDTHS[name];
  const fitting = { width, height: OUTPUT_LIMITS.webp.sideMax, fit: "inside" } as const;
  const small = await takeRaster(
    openRaster(pixels).resize({ ...fitting, withoutEnlargement: true }),
  );
  const { raster } = await mark(small, operations, work);
  const purpose = name === "detail" ? "final" : "preview";
  const encoding = {
    format: "webp",
    quality: DEFAULT_QUALITY.webp,
    purpose,
    pixels: raster.width * raster.height,
  } as const;
  return { name, ...(await encodePicture(openRaster(raster), encoding)) };
}

function reportOf(
  bytes: Buffer,
  main: EncodedPicture,
  { done, cutOut }: Omit<Shaped, "image">,
  { targetBytes }: Operations,
): ImageReport {
  const size = main.body.byteLength;
  const missed =
    targetBytes === undefined || size <= targetBytes
      ? []
      : [`target of ${targetBytes} bytes missed: ${size} at the lowest quality that is allowed`];
  const quality = main.quality === undefined ? "" : ` at quality ${main.quality}`;
  return {
    done: [...done, `${main.width} x ${main.height} ${main.format}${quality}`, ...missed],
    savedBytes: bytes.byteLength - size,
    ...(main.quality === undefined ? {} : { quality: main.quality }),
    ...(cutOut === undefined ? {} : { cutOut }),
  };
}
