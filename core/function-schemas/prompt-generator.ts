import { z } from "zod";
import { answerSchema, objectKeySchema } from "./function-answer.ts";
import { providerSwitchSchema } from "./provider-switch.ts";

/** Raised with each change of what the model is told: prompts that older words brought are not given out again. */
export const PROMPT_VERSION = 3;

/** Seedream's advice, in characters and words. */
export const PROMPT_LIMITS = { zhCharacters: 300, enWords: 600, avoidMax: 12 } as const;

/**
 * `prompt-generator`: asks a vision chat model (OpenAI's wire) to look at the garment and to write the
 * photographer's brief. The answer is also written to `to` as JSON; when that object exists already, it
 * is returned and no model is asked. When a provider cannot be reached or its answer cannot be used, the next one
 * of the configured order is asked, and `switches` says so.
 */
const vocabularyEntrySchema = z.strictObject({
  id: z.string().min(1).max(64),
  en: z.string().min(1).max(400),
  zh: z.string().min(1).max(400),
});

export const promptGeneratorEventSchema = z.strictObject({
  /** The preprocessed photos, of one garment or of several that are worn together, the main one first. */
  images: z.array(objectKeySchema).min(1).max(4),
  to: objectKeySchema,
  /** What the customer calls the garment, if they said it. */
  clothingType: z.string().max(100).optional(),
  /** The same as a word of the vocabulary, when it is one: goes before `clothingType`. */
  garment: vocabularyEntrySchema.optional(),
  /** Words for `garment.type` in English; the model takes another only when none fits. */
  garmentTypes: z.array(z.string().min(1).max(60)).max(100).optional(),
  scene: vocabularyEntrySchema,
  style: vocabularyEntrySchema,
  /** Ask this model of the first provider instead of the configured one. */
  model: z.string().max(100).optional(),
});
export type PromptGeneratorEvent = z.input<typeof promptGeneratorEventSchema>;

const garmentSchema = z.object({
  /** "t-shirt", "dress", ... in English, singular, lower case. */
  type: z.string().min(1).max(60),
  /** Plain colour words, the main one first: "red", "navy blue". */
  colors: z.array(z.string().min(1).max(40)).min(1).max(5),
  pattern: z.string().min(1).max(60),
  material: z.string().max(60).optional(),
  sleeve: z.string().max(60).optional(),
  length: z.string().max(60).optional(),
});
export type Garment = z.infer<typeof garmentSchema>;

/** What the model itself must answer, word for word the JSON that the instruction asks for. */
export const promptDraftSchema = z.object({
  garment: garmentSchema,
  /** Chinese prompt, at most 300 characters (Seedream's advice) as the function keeps it; older ones had up to 600. */
  promptZh: z.string().min(10).max(600),
  /** English prompt, at most 600 words. */
  promptEn: z.string().min(10).max(4000),
  /** What a picture of it must not show, in short English phrases: "distorted hands". Older answers have none. */
  avoid: z.array(z.string().min(1).max(100)).max(PROMPT_LIMITS.avoidMax).default([]),
});
export type PromptDraft = z.infer<typeof promptDraftSchema>;

export const promptGeneratorResultSchema = promptDraftSchema.extend({
  model: z.string().max(200),
  usage: z.object({
    promptTokens: z.number().int().nonnegative(),
    completionTokens: z.number().int().nonnegative(),
  }),
  /** Providers that were asked before the one that wrote it. Older answers have none. */
  switches: z.array(providerSwitchSchema).max(10).default([]),
});
export type PromptGeneratorResult = z.infer<typeof promptGeneratorResultSchema>;
export const promptGeneratorAnswerSchema = answerSchema(promptGeneratorResultSchema);
