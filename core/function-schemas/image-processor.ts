import { z } from "zod";
import { answerSchema, functionFailureSchema, objectKeySchema } from "./function-answer.ts";
import {
  operationsSchema,
  outputFormatSchema,
  variantNameSchema,
  variantsSchema,
} from "./image-operations.ts";
import { perceptualHashSchema } from "./perceptual-hash.ts";

export { operationsSchema, type ImageOperations } from "./image-operations.ts";

/**
 * `ai-image-processor`: the only code that fetches foreign URLs, and the one that re-encodes pictures.
 * `import`, `preprocess` and `postprocess` take one image per call; `process` takes up to ten, each of which
 * succeeds or fails alone. A key that exists already is not made again.
 */
const sourceSchema = z.union([
  z.strictObject({ url: z.string().max(4096) }),
  z.strictObject({ key: objectKeySchema }),
]);

export const importActionSchema = z.strictObject({
  action: z.literal("import"),
  /** A foreign URL (fetched under the address rules) or an object of ours. */
  source: sourceSchema,
  /** The object is written to `<toPrefix><sha256 of the bytes>.<jpg|png|webp>`: the bytes as they came. */
  toPrefix: objectKeySchema,
});

const processFields = { from: objectKeySchema, to: objectKeySchema, operations: operationsSchema };
export const preprocessActionSchema = z.strictObject({
  action: z.literal("preprocess"),
  ...processFields,
});
export const postprocessActionSchema = z.strictObject({
  action: z.literal("postprocess"),
  ...processFields,
});

const BATCH_IMAGES_MAX = 10;
export const batchImageSchema = z
  .strictObject({
    /** An object of ours, or `source`. */
    from: objectKeySchema.optional(),
    /** A foreign URL or an object of ours, read under the rules of `import` but not kept. */
    source: sourceSchema.optional(),
    to: objectKeySchema,
    operations: operationsSchema,
    /** Smaller copies beside `to`, at `variantKey(to, name)`. */
    variants: variantsSchema.default([]),
  })
  .refine(({ from, source }) => (from === undefined) !== (source === undefined), {
    error: "either from or source",
  });
export const processActionSchema = z.strictObject({
  action: z.literal("process"),
  images: z.array(batchImageSchema).min(1).max(BATCH_IMAGES_MAX),
});

export const imageProcessorEventSchema = z.discriminatedUnion("action", [
  importActionSchema,
  preprocessActionSchema,
  postprocessActionSchema,
  processActionSchema,
]);
export type ImageProcessorEvent = z.input<typeof imageProcessorEventSchema>;

/** What was done to a picture; absent when it existed already and nothing was done. */
const imageReportSchema = z.object({
  /** Plain English, in the order of the work. */
  done: z.array(z.string().max(300)).max(20),
  /** Bytes before less bytes after; negative when the file grew. */
  savedBytes: z.number().int(),
  /** The quality that it was encoded with; PNG has none. */
  quality: z.number().int().min(1).max(100).optional(),
  /** `used: false` means that the whole photo was kept, since the cut was not to be trusted. */
  cutOut: z.object({ confidence: z.number().min(0).max(1), used: z.boolean() }).optional(),
});
export type ImageReport = z.infer<typeof imageReportSchema>;

const factsFields = {
  key: objectKeySchema,
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  bytes: z.number().int().positive(),
  format: outputFormatSchema,
};
const imageProcessorResultSchema = z.object({
  ...factsFields,
  /** Bytes of the picture that came in. */
  sourceBytes: z.number().int().positive(),
  report: imageReportSchema.optional(),
  /** Of an `import`: by it a photo is known again that was encoded or scaled anew. */
  perceptualHash: perceptualHashSchema.optional(),
});
export type ImageProcessorResult = z.infer<typeof imageProcessorResultSchema>;

const imageVariantSchema = z.object({ name: variantNameSchema, ...factsFields });
export type ImageVariant = z.infer<typeof imageVariantSchema>;

const batchItemSchema = z.discriminatedUnion("ok", [
  z.object({
    ok: z.literal(true),
    image: imageProcessorResultSchema,
    variants: z.array(imageVariantSchema),
  }),
  z.object({ ok: z.literal(false), failure: functionFailureSchema }),
]);
export type BatchItem = z.infer<typeof batchItemSchema>;
/** The result of `process`: one item an image, in the event's order. */
export const imageBatchResultSchema = z.object({ items: z.array(batchItemSchema) });
export type ImageBatchResult = z.infer<typeof imageBatchResultSchema>;

/** Either result; who sends `process` parses `imageBatchResultSchema` once more to get its type. */
export const imageProcessorAnswerSchema = answerSchema(
  z.union([imageProcessorResultSchema, imageBatchResultSchema]),
);

/** Limits that the function keeps; a picture beyond one is refused, never half read. */
export const IMAGE_LIMITS = {
  sourceBytesMax: 20_000_000,
  sourcePixelsMax: 25_000_000,
  /** A long product page is 790 x 20000; what is longer takes decoders minutes for its few pixels. */
  sourceSideMax: 30_000,
  sourceRatioMax: 100,
  /** Each scan of a JPEG goes through the whole picture; usual are 1 to 12. */
  jpegScansMax: 100,
  jpegScannedPixelsMax: 500_000_000,
  connectTimeoutMs: 3_000,
  fetchTimeoutMs: 10_000,
} as const;
