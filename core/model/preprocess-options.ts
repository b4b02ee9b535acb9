import { z } from "zod";
import {
  colourSchema,
  cropSchema,
  cutOutSchema,
  type ImageOperations,
  operationsSchema,
  outputFormatSchema,
  qualitySchema,
  ratioSchema,
  resizeSchema,
  targetBytesSchema,
  type VariantName,
  variantNameSchema,
  variantsSchema,
  watermarkSchema,
  watermarkTextSchema,
} from "../function-schemas/image-operations.ts";

/**
 * The `options` of `POST /api/ai-image/preprocess`, as customers write them: short forms beside full ones.
 * Unknown fields are refused and every number is bounded.
 */
export const preprocessOptionsSchema = z.strictObject({
  /** `true` = a smaller file at a quality that one hardly sees; or a file of at most so many bytes. */
  compress: z.union([z.boolean(), z.strictObject({ targetBytes: targetBytesSchema })]).optional(),
  resize: resizeSchema.optional(),
  /** "3:4" = the largest middle part of this shape. */
  crop: z.union([ratioSchema, cropSchema]).optional(),
  /** A text alone goes to the lower right. */
  watermark: z.union([watermarkSchema, watermarkTextSchema]).optional(),
  /** `true` or "white" = on white; "marketplace" = a white square with the garment in its middle. */
  cutOut: z
    .union([
      z.boolean(),
      z.enum(["white", "transparent", "marketplace"]),
      colourSchema,
      cutOutSchema,
    ])
    .optional(),
  background: colourSchema.optional(),
  format: outputFormatSchema.optional(),
  quality: qualitySchema.optional(),
  /** `true` = all of list, card and detail. */
  variants: z.union([z.boolean(), variantsSchema]).optional(),
});
export type PreprocessOptions = z.input<typeof preprocessOptionsSchema>;

export type PreprocessPlan = {
  readonly operations: ImageOperations;
  readonly variants: readonly VariantName[];
};

/** What `compress: true` means; PNG has no quality, so compressing is what its encoder does anyway. */
const COMPRESSED_QUALITY = { jpeg: 80, webp: 75, avif: 50, png: 100 } as const;

/**
 * The function's operations for a customer's options. Without a format the result is JPEG, or PNG where it is to
 * be transparent. `quality` goes before `compress`. Whether a watermark's `imageKey` belongs to the customer is
 * the caller's to check (`watermarkKeyOf`). Throws a ZodError for combinations that the function would refuse.
 */
export function planPreprocess(options: z.output<typeof preprocessOptionsSchema>): PreprocessPlan {
  const { compress, resize, crop, watermark, background } = options;
  const cutOut = cutOutOf(options.cutOut);
  const isClear = cutOut?.background === "transparent" && background === undefined;
  const format = options.format ?? (isClear ? "png" : "jpeg");
  const quality = options.quality ?? (compress === true ? COMPRESSED_QUALITY[format] : undefined);
  const wanted = {
    format,
    quality,
    resize,
    crop: typeof crop === "string" ? { ratio: crop } : crop,
    cutOut,
    watermark: typeof watermark === "string" ? { text: watermark } : watermark,
    background,
    targetBytes: typeof compress === "object" ? compress.targetBytes : undefined,
  };
  const present = Object.entries(wanted).filter(([, value]) => value !== undefined);
  return {
    operations: operationsSchema.parse(Object.fromEntries(present)),
    variants: variantsOf(options.variants),
  };
}

/** The object whose picture would be put on the customer's photos; theirs alone may be used. */
export function watermarkKeyOf({ watermark }: PreprocessOptions): string | undefined {
  return typeof watermark === "object" ? watermark.imageKey : undefined;
}

/** The same with that picture under another key. */
export function withWatermarkKey(options: PreprocessOptions, imageKey: string): PreprocessOptions {
  const { watermark } = options;
  return typeof watermark === "object"
    ? { ...options, watermark: { ...watermark, imageKey } }
    : options;
}

function cutOutOf(
  cutOut: z.output<typeof preprocessOptionsSchema>["cutOut"],
): z.input<typeof cutOutSchema> | undefined {
  if (cutOut === undefined || cutOut === false) return undefined;
  if (typeof cutOut === "object") return cutOut;
  if (cutOut === true || cutOut === "white") return {};
  return cutOut === "marketplace" ? { preset: "marketplace" } : { background: cutOut };
}

function variantsOf(
  variants: boolean | readonly VariantName[] | undefined,
): readonly VariantName[] {
  if (variants === true) return variantNameSchema.options;
  return variants === undefined || variants === false ? [] : variants;
}
