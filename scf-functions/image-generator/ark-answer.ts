import { z } from "zod";
import { parseJson } from "../shared/call-provider.ts";

/** What Ark said about the one picture that was asked for, by whichever way it answered. */
export type ArkAnswer = {
  /** Lives 24 hours at Ark; signed, so never logged. */
  readonly url: string | undefined;
  /** In place of the picture. */
  readonly error: { readonly code: string; readonly message: string } | undefined;
  /** Ark bills delivered pictures only, and says here how many. Undefined: it did not say. */
  readonly generatedImages: number | undefined;
  readonly outputTokens: number;
};

const count = z.number().int().nonnegative().optional().catch(undefined);
const usageSchema = z
  .object({ generated_images: count, output_tokens: count })
  .catch({ generated_images: undefined, output_tokens: undefined });
const itemSchema = z.object({
  url: z.string().optional().catch(undefined),
  error: z
    .object({ code: z.string().catch("UNKNOWN"), message: z.string().catch("") })
    .nullish()
    .transform((error) => error ?? undefined),
});
const answerSchema = z.object({ data: z.array(itemSchema), usage: usageSchema });

/** The answer as one JSON object; null when it is none of Ark's. */
export function readArkAnswer(json: unknown): ArkAnswer | null {
  const parsed = answerSchema.safeParse(json);
  if (!parsed.success) return null;
  const { data, usage } = parsed.data;
  return {
    url: data[0]?.url,
    error: data[0]?.error,
    generatedImages: usage.generated_images,
    outputTokens: usage.output_tokens ?? 0,
  };
}

const eventSchema = z.discriminatedUnion("type", [
  itemSchema.extend({ type: z.literal("image_generation.partial_succeeded") }),
  itemSchema.extend({ type: z.literal("image_generation.partial_failed") }),
  z.object({ type: z.literal("image_generation.completed"), usage: usageSchema }),
]);

/** Reads Ark's events as their bytes come; `answer` is what is known so far, null before the first event. */
export type ArkEvents = { add(part: Buffer): void; answer(): ArkAnswer | null };

/**
 * A reader of `stream: true`. A picture that was told is known from then on, whatever becomes of the stream. Events
 * that are not Ark's are passed over; the caller bounds the bytes.
 */
export function createArkEvents(): ArkEvents {
  let known: ArkAnswer | null = null;
  const nothing = { url: undefined, error: undefined, generatedImages: undefined, outputTokens: 0 };
  const decoder = new TextDecoder();
  let rest = "";

  function take(line: string): void {
    if (!line.startsWith("data:")) return;
    // "[DONE]" is no JSON and says nothing that `completed` did not.
    const event = eventSchema.safeParse(parseJson(line.slice("data:".length)));
    if (!event.success) return;
    const before = known ?? nothing;
    if (event.data.type === "image_generation.completed") {
      const { generated_images, output_tokens } = event.data.usage;
      known = { ...before, generatedImages: generated_images, outputTokens: output_tokens ?? 0 };
      return;
    }
    const { url, error } = event.data;
    known = { ...before, url: before.url ?? url, error: before.error ?? error };
  }

  return {
    add(part) {
      const lines = (rest + decoder.decode(part, { stream: true })).split(/\r?\n/);
      rest = lines.pop() ?? "";
      for (const line of lines) take(line);
    },
    answer: () => known,
  };
}
