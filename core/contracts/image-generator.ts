import { z } from "zod";
import {
  answerSchema,
  functionFailureSchema,
  imageFormatSchema,
  objectKeySchema,
} from "./function-answer.ts";

/**
 * `image-generator`: n single-image requests to the image model in parallel (Ark has no `n`), each picture
 * copied to its own key as soon as it arrives, each failing alone. A key that exists already is reported
 * and not asked for again, so that a repeated call buys nothing twice.
 */
export const imageGeneratorEventSchema = z.strictObject({
  /** Ark model id, lower case. */
  model: z.string().min(1).max(100),
  prompt: z.string().min(1).max(4000),
  /** "1024x1024" */
  size: z.string().regex(/^\d{2,5}x\d{2,5}$/),
  /** `optimize_prompt_options.mode` of Ark. */
  optimizeMode: z.enum(["standard", "fast"]).default("standard"),
  /** Garment photos sent along as references. */
  referenceKeys: z.array(objectKeySchema).max(10),
  images: z
    .array(z.strictObject({ index: z.number().int().min(0).max(14), key: objectKeySchema }))
    .min(1)
    .max(15),
});
export type ImageGeneratorEvent = z.input<typeof imageGeneratorEventSchema>;

const madeImageSchema = z.object({
  ok: z.literal(true),
  index: z.number().int().nonnegative(),
  key: objectKeySchema,
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  bytes: z.number().int().positive(),
  format: imageFormatSchema,
  /** Who made it: "ark", or "preview" when the stand-in says so in its answer. */
  provider: z.string().min(1).max(60),
});
const missedImageSchema = z.object({
  ok: z.literal(false),
  index: z.number().int().nonnegative(),
  failure: functionFailureSchema,
});

export const imageGeneratorResultSchema = z.object({
  images: z.array(z.discriminatedUnion("ok", [madeImageSchema, missedImageSchema])).min(1),
  usage: z.object({
    generatedImages: z.number().int().nonnegative(),
    outputTokens: z.number().int().nonnegative(),
  }),
});
export type ImageGeneratorResult = z.infer<typeof imageGeneratorResultSchema>;
export type GeneratedImage = ImageGeneratorResult["images"][number];
export const imageGeneratorAnswerSchema = answerSchema(imageGeneratorResultSchema);
