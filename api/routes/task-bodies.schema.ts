import { z } from "zod";
import { REFERENCES_MAX } from "../../core/model/image-models.ts";
import { preprocessOptionsSchema } from "../../core/model/preprocess-options.ts";
import type { TaskBody } from "../../core/model/task-inputs.ts";
import { closedObject } from "../body/validate.ts";

// The bodies of the original contract. What the catalogues allow (presets, models, sizes) is checked after them.

const imageAddress = z
  .string()
  .min(8, "give an https URL, an objectUrl or a data: URI")
  .max(8_000_000);

/** An id, or a title in either language: those have 60 characters at most. */
const presetName = z.string().min(1).max(64);

const imageOptions = closedObject({
  size: z
    .string()
    .regex(/^\d{2,5}x\d{2,5}$/, 'write the size as "1024x1024"')
    .optional(),
  quality: z.enum(["standard", "fast"]).default("standard"),
  n: z.number().int().min(1).max(10).default(1),
});

/** What is read from a body is what core/ takes. */
type Bodies = { readonly [Body in TaskBody as Body["type"]]: z.ZodType<Body["input"]> };

export const TASK_BODIES = {
  /** `POST /api/ai-image/generate` */
  FULL_GENERATION: closedObject({
    clothingImages: z.array(imageAddress).min(1).max(10),
    sceneType: presetName,
    stylePreference: presetName,
    options: imageOptions.prefault({}),
  }),
  /** `POST /api/ai-image/preprocess` */
  PREPROCESS_ONLY: closedObject({
    images: z.array(imageAddress).min(1).max(10),
    options: preprocessOptionsSchema.prefault({}),
  }),
  /** `POST /api/ai-image/generate-prompt` */
  PROMPT_ONLY: closedObject({
    imageUrl: imageAddress,
    clothingType: z.string().trim().min(1).max(100).optional(),
    stylePreference: presetName,
    sceneType: presetName,
  }),
  /** `POST /api/ai-image/generate-only` */
  GENERATE_ONLY: closedObject({
    prompt: z.string().trim().min(1).max(4000),
    referenceImages: z.array(imageAddress).max(REFERENCES_MAX).optional(),
    options: imageOptions.prefault({}),
    modelConfig: closedObject({ model: z.string().min(1).max(100) }).optional(),
  }),
} as const satisfies Bodies;
