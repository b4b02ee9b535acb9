import { z } from "zod";
import { callProvider, readProviderError } from "../shared/call-provider.ts";
import { classifyFailure } from "../shared/classify-failure.ts";
import { FunctionError } from "../shared/function-error.ts";
import { downloadResult } from "./download-result.ts";
import { type GeneratedPicture, type ImageProvider, makerOf } from "./image-provider.ts";
import { OPENAI_FAILURES } from "./openai-failures.ts";
import { openAiNotes, openAiRequest, type OpenAiRequest } from "./openai-request.ts";

export type OpenAiConfig = {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Its model: the event names one of Ark's. */
  readonly model: string;
};

const NAME = "openai";
/** A picture of 30 MB in base64. */
const ANSWER_BYTES_MAX = 41_000_000;
const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

/** Any service that makes pictures on OpenAI's wire: `/images/generations`, and `/images/edits` with references. */
export function createOpenAiProvider(config: OpenAiConfig): ImageProvider {
  return {
    name: NAME,
    async prepare(event, readReferences) {
      const request = await openAiRequest(event, config.model, await readReferences());
      return { model: config.model, generate: (signal) => generate(config, request, signal) };
    },
    notes: (event) => openAiNotes(event, config.model),
  };
}

const count = z.number().int().nonnegative().catch(0);
const answerSchema = z.object({
  data: z
    .array(
      z.object({
        b64_json: z.string().nullish().catch(undefined),
        url: z.string().nullish().catch(undefined),
      }),
    )
    .min(1),
  usage: z.object({ output_tokens: count }).catch({ output_tokens: 0 }),
});

async function generate(
  config: OpenAiConfig,
  { path, body, contentType }: OpenAiRequest,
  signal: AbortSignal,
): Promise<GeneratedPicture> {
  const { apiKey, baseUrl } = config;
  const url = new URL(`${baseUrl}${path}`);
  const bytesMax = ANSWER_BYTES_MAX;
  const answer = await callProvider({ url, apiKey, body, contentType, signal, bytesMax });
  if (answer.status !== 200) {
    const credentials = { apiKey, keyName: "OPENAI_API_KEY" };
    throw classifyFailure(OPENAI_FAILURES, readProviderError(answer), credentials);
  }
  const parsed = answerSchema.safeParse(answer.json);
  const item = parsed.success ? parsed.data.data[0] : undefined;
  const fetch = item === undefined ? null : fetcherOf(baseUrl, item);
  if (!parsed.success || fetch === null) {
    const message = "The image model's answer holds no picture.";
    throw new FunctionError("PROVIDER_ANSWER_INVALID", message, { ran: "unknown" });
  }
  return {
    provider: makerOf(answer.headers, NAME),
    // This wire counts no pictures; an answer with one is billed as one.
    generatedImages: 1,
    outputTokens: parsed.data.usage.output_tokens,
    fetch,
  };
}

type Item = {
  readonly b64_json?: string | null | undefined;
  readonly url?: string | null | undefined;
};

function fetcherOf(baseUrl: string, { b64_json, url }: Item): GeneratedPicture["fetch"] | null {
  if (typeof b64_json === "string" && BASE64.test(b64_json)) {
    return async () => Buffer.from(b64_json, "base64");
  }
  return typeof url === "string" ? (signal) => downloadResult(baseUrl, url, signal) : null;
}
