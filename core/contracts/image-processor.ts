import { z } from "zod";
import { answerSchema, imageFormatSchema, objectKeySchema } from "./function-answer.ts";

/**
 * `ai-image-processor`: the only code that fetches foreign URLs, and the one that re-encodes pictures.
 * One image per call; calls run in parallel. A key that exists already is not made again.
 */
export const resizeSchema = z.strictObject({
  width: z.number().int().min(1).max(8192).optional(),
  height: z.number().int().min(1).max(8192).optional(),
  /**
   * `fit` = inside the box, keeping the ratio (alias of `inside`); `fill` = stretch; `cover` = fill the box
   * and crop; `contain` = inside the box with bars; `outside` = cover without cropping.
   */
  mode: z.enum(["fit", "fill", "cover", "contain", "inside", "outside"]).default("fit"),
  /** Small pictures stay small unless asked. */
  enlarge: z.boolean().default(false),
});

export const operationsSchema = z.strictObject({
  /** Turn the pixels as the camera's EXIF says; metadata is dropped either way. */
  autoOrient: z.boolean().default(true),
  resize: resizeSchema.optional(),
  format: imageFormatSchema.default("jpeg"),
  /** 1..100; by default jpeg 90, webp 82. */
  quality: z.number().int().min(1).max(100).optional(),
  /** Lower the quality, never below 40, until the file is at most this large. */
  targetBytes: z.number().int().min(1024).optional(),
});
export type ImageOperations = z.input<typeof operationsSchema>;

export const importActionSchema = z.strictObject({
  action: z.literal("import"),
  /** A foreign URL (fetched under the address rules) or an object of ours. */
  source: z.union([
    z.strictObject({ url: z.string().max(4096) }),
    z.strictObject({ key: objectKeySchema }),
  ]),
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

export const imageProcessorEventSchema = z.discriminatedUnion("action", [
  importActionSchema,
  preprocessActionSchema,
  postprocessActionSchema,
]);
export type ImageProcessorEvent = z.input<typeof imageProcessorEventSchema>;

export const imageProcessorResultSchema = z.object({
  key: objectKeySchema,
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  bytes: z.number().int().positive(),
  format: imageFormatSchema,
  /** Bytes of the picture that came in. */
  sourceBytes: z.number().int().positive(),
});
export type ImageProcessorResult = z.infer<typeof imageProcessorResultSchema>;
export const imageProcessorAnswerSchema = answerSchema(imageProcessorResultSchema);

/** Limits that the function keeps; a picture beyond one is refused, never half read. */
export const IMAGE_LIMITS = {
  sourceBytesMax: 20_000_000,
  sourcePixelsMax: 25_000_000,
  connectTimeoutMs: 3_000,
  fetchTimeoutMs: 10_000,
} as const;
