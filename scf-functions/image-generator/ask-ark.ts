import { z } from "zod";
import type { imageGeneratorEventSchema } from "../../core/contracts/image-generator.ts";
import { callProvider, readProviderError } from "../call-provider.ts";
import { FunctionError } from "../function-error.ts";
import { arkFailure } from "./ark-failure.ts";
import type { ArkConfig } from "./config.ts";

type ImageEvent = z.output<typeof imageGeneratorEventSchema>;

export type ArkPicture = {
  /** Lives 24 hours at Ark; signed, so never logged. */
  readonly url: string;
  readonly provider: string;
  readonly generatedImages: number;
  readonly outputTokens: number;
};

/** Which values of `optimize_prompt_options.mode` a model family knows; others get no such field. */
const OPTIMIZE_MODES: readonly (readonly [string, readonly ImageEvent["optimizeMode"][]])[] = [
  ["doubao-seedream-4-0", ["standard", "fast"]],
  ["doubao-seedream-4-5", ["standard"]],
  ["doubao-seedream-5-0", ["standard"]],
];

const count = z.number().int().nonnegative().catch(0);
const itemSchema = z.object({
  url: z.string().optional(),
  error: z
    .object({ code: z.string().catch("UNKNOWN"), message: z.string().catch("") })
    .nullish()
    .transform((error) => error ?? undefined),
});
const answerSchema = z.object({
  data: z.array(itemSchema).min(1),
  usage: z
    .object({ generated_images: count, output_tokens: count })
    .catch({ generated_images: 0, output_tokens: 0 }),
});

/** The request for exactly one picture; the same bytes serve all requests of a call. */
export function arkRequestBody(event: ImageEvent, references: readonly string[]): Buffer {
  const modes = OPTIMIZE_MODES.find(([family]) => event.model.startsWith(family))?.[1];
  const mode = modes?.includes(event.optimizeMode) === false ? "standard" : event.optimizeMode;
  const ask = {
    model: event.model,
    prompt: event.prompt,
    size: event.size,
    sequential_image_generation: "disabled",
    response_format: "url",
    // The legal label is ours to draw: theirs has a fixed size that a crop may cut off.
    watermark: false,
    ...(modes === undefined ? {} : { optimize_prompt_options: { mode } }),
    ...(references.length === 0 ? {} : { image: references }),
  };
  return Buffer.from(JSON.stringify(ask));
}

/** Asks for one picture. Throws `FunctionError` with `ran` as well as it can be known. */
export async function askArk(
  config: ArkConfig,
  body: Buffer,
  signal: AbortSignal,
): Promise<ArkPicture> {
  const url = new URL(`${config.baseUrl}/images/generations`);
  const answer = await callProvider({ url, apiKey: config.apiKey, body, signal });
  if (answer.status !== 200) throw arkFailure(readProviderError(answer), config.apiKey);

  const parsed = answerSchema.safeParse(answer.json);
  const item = parsed.success ? parsed.data.data[0] : undefined;
  if (parsed.success && item?.error !== undefined) {
    const { code, message } = item.error;
    const error = { status: 400, code, message, retryAfterMs: undefined, isProvidersOwn: true };
    throw arkFailure(error, config.apiKey);
  }
  if (!parsed.success || item?.url === undefined) {
    throw new FunctionError(
      "PROVIDER_ANSWER_INVALID",
      "The image model's answer holds no picture.",
      { ran: "unknown" },
    );
  }
  return {
    url: item.url,
    provider: readProviderName(answer.headers["x-drape-provider"]),
    generatedImages: parsed.data.usage.generated_images,
    outputTokens: parsed.data.usage.output_tokens,
  };
}

/** A stand-in names itself in this header; the real service does not know it. */
function readProviderName(header: string | readonly string[] | undefined): string {
  return typeof header === "string" && /^[a-z0-9-]{1,60}$/.test(header) ? header : "ark";
}
