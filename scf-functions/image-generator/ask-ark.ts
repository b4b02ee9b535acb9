import { z } from "zod";
import { callProvider, readProviderError } from "../call-provider.ts";
import { FunctionError } from "../function-error.ts";
import { arkFailure } from "./ark-failure.ts";
import type { ArkConfig } from "./config.ts";

export type ArkPicture = {
  /** Lives 24 hours at Ark; signed, so never logged. */
  readonly url: string;
  readonly provider: string;
  readonly generatedImages: number;
  readonly outputTokens: number;
};

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
