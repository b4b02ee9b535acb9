import { z } from "zod";
import {
  answerSchema,
  functionFailureSchema,
  imageFormatSchema,
  objectKeySchema,
} from "./function-answer.ts";
import { providerSwitchSchema } from "./provider-switch.ts";

/**
 * `image-generator`: n single-image requests to the image model in parallel (Ark has no `n`), each picture
 * copied to its own key as soon as it arrives, each failing alone. A key that exists already is reported
 * and not asked for again, so that a repeated call pays for nothing twice. When a provider certainly did not make a
 * picture, the next one of the configured order is asked, and `switches` says so.
 */
export const imageGeneratorEventSchema = z.strictObject({
  /** A model of `seedream-models.ts`, whatever its case, or an endpoint of the account (`ep-…`). */
  model: z.string().min(1).max(100),
  prompt: z.string().min(1).max(4000),
  /** "1024x1024", or a tier that the model knows: "2K". */
  size: z.string().regex(/^(\d{2,5}x\d{2,5}|[1-4]K)$/),
  /** `optimize_prompt_options.mode` of Ark; a model that lacks it gets "standard", and a note says so. */
  optimizeMode: z.enum(["standard", "fast"]).default("standard"),
  /** Where the model lets it be chosen; elsewhere it is JPEG, and a note says so. The facts of a picture tell the truth. */
  outputFormat: z.enum(["jpeg", "png"]).optional(),
  /** No Seedream from 4.0 on takes one: it is never sent, and a note says so. */
  seed: z.number().int().min(0).max(2_147_483_647).optional(),
  /** Garment photos sent along as references; each model has its own maximum. */
  referenceKeys: z.array(objectKeySchema).max(14),
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
  /** Who made it: "ark", "openai", or "preview" when the emulator says so in its answer. */
  provider: z.string().min(1).max(60),
  /** The model that made it, as its provider calls it. Pictures of older functions do not say. */
  model: z.string().max(100).optional(),
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
  /** What was asked for and not sent, since the model cannot do it: plain English. */
  notes: z.array(z.string().max(300)).max(10).default([]),
  /** Pictures that another provider made than the first of the order. Older functions have none. */
  switches: z
    .array(providerSwitchSchema.extend({ index: z.number().int().nonnegative() }))
    .max(150)
    .default([]),
});
export type ImageGeneratorResult = z.infer<typeof imageGeneratorResultSchema>;
export type GeneratedImage = ImageGeneratorResult["images"][number];
export const imageGeneratorAnswerSchema = answerSchema(imageGeneratorResultSchema);
