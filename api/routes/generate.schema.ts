import { z } from "zod";

const imageAddress = z
  .string()
  .min(8, "give an https URL, an objectUrl or a data: URI")
  .max(8_000_000);

const options = z.strictObject({
  size: z
    .string()
    .regex(/^\d{2,5}x\d{2,5}$/, 'write the size as "1024x1024"')
    .default("1024x1024"),
  quality: z.literal("standard").default("standard"),
  n: z.number().int().min(1).max(10).default(1),
});

/** `POST /api/ai-image/generate`, the original contract's body. */
export const generateBodySchema = z.strictObject({
  clothingImages: z.array(imageAddress).min(1).max(10),
  sceneType: z.string().min(1).max(64),
  stylePreference: z.string().min(1).max(64),
  options: options.prefault({}),
});
export type GenerateBody = z.infer<typeof generateBodySchema>;

/** Where the end of a task is to be told. What the address leads to is checked when something is sent there. */
const webhookUrl = z.string().max(2048).refine(isPlainHttps, {
  error: "give a complete https URL without user name and password",
});

function isPlainHttps(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || /[\s\\]/.test(text)) return false;
  return url.protocol === "https:" && url.username === "" && url.password === "";
}

/** `POST /api/v1/ai-generation/create`. */
export const createBodySchema = z.strictObject({
  type: z.literal("FULL_GENERATION", 'only "FULL_GENERATION" is served so far'),
  input: generateBodySchema,
  priority: z.enum(["high", "normal", "low"]).default("normal"),
  metadata: z
    .record(z.string().min(1).max(64), z.string().max(500))
    .refine((fields) => Object.keys(fields).length <= 16, "at most 16 entries")
    .default({}),
  webhookUrl: webhookUrl.optional(),
});
