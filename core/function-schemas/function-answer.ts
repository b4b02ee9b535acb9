import { z } from "zod";

/**
 * What every cloud function returns: `{ ok: true, result }` or `{ ok: false, failure }`.
 * A function answers with a failure instead of throwing, since the platform keeps of a thrown error
 * only its text; what it does throw reaches the caller as status 430.
 */
export const functionFailureCodes = [
  "EVENT_INVALID",
  "IMAGE_SOURCE_REFUSED",
  "IMAGE_SOURCE_UNREACHABLE",
  "IMAGE_UNREADABLE",
  "IMAGE_TOO_LARGE",
  "IMAGE_OPERATION_INVALID",
  "CONTENT_REJECTED",
  "FUNCTION_TIMEOUT",
  "PROVIDER_BUSY",
  "PROVIDER_FAILED",
  "PROVIDER_TIMEOUT",
  "PROVIDER_ANSWER_INVALID",
  "PROVIDER_REQUEST_REFUSED",
  "PROVIDER_CREDENTIALS",
  "PROVIDER_UNPAID",
  "STORAGE_FAILED",
  "STORAGE_CREDENTIALS",
] as const;

export type FunctionFailureCode = (typeof functionFailureCodes)[number];

/** Whether the paid or lasting part of the work was done: decides when it may be asked for again. */
const ranSchema = z.enum(["no", "yes", "unknown"]);
export type Ran = z.infer<typeof ranSchema>;

export const functionFailureSchema = z.object({
  code: z.enum(functionFailureCodes),
  /** For people, plain English, names the field or URL at fault. Never a secret, never a stack. */
  message: z.string().max(2000),
  ran: ranSchema,
  retryAfterMs: z.number().int().nonnegative().optional(),
  /** The provider's own code, for the operator. */
  providerCode: z.string().max(200).optional(),
});
export type FunctionFailure = z.infer<typeof functionFailureSchema>;

export type FunctionAnswer<R> = { ok: true; result: R } | { ok: false; failure: FunctionFailure };

/** The schema of a function's whole answer, made from the schema of its result. */
export function answerSchema<S extends z.ZodType>(result: S) {
  return z.discriminatedUnion("ok", [
    z.object({ ok: z.literal(true), result }),
    z.object({ ok: z.literal(false), failure: functionFailureSchema }),
  ]);
}

/** COS object keys: relative, printable, no `..`. Keys travel in events, bytes never do. */
export const objectKeySchema = z
  .string()
  .min(1)
  .max(400)
  .regex(/^(?!\/)(?!.*\.\.)[\w./-]+$/, "an object key: letters, digits, . _ - and / only");

/** Output formats that the image functions write. */
export const imageFormatSchema = z.enum(["jpeg", "png", "webp"]);
export type ImageFormat = z.infer<typeof imageFormatSchema>;
