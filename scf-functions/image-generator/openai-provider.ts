import { z } from "zod";
import { callProvider, isDone } from "../shared/call-provider.ts";
import { classifyFailure } from "../shared/classify-failure.ts";
import { objectOf, readHiddenError, readProviderError } from "../shared/provider-error.ts";
import { fetchPicture } from "./fetch-picture.ts";
import { findPicture } from "./find-picture.ts";
import {
  type GeneratedPicture,
  type ImageProvider,
  makerOf,
  noPicture,
  PICTURE_ANSWER_BYTES_MAX,
} from "./image-provider.ts";
import { OPENAI_FAILURES } from "./openai-failures.ts";
import { openAiNotes, openAiRequest, type OpenAiRequest } from "./openai-request.ts";

export type OpenAiConfig = {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Its model: the event names one of Ark's. */
  readonly model: string;
};

const NAME = "openai";

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

const usageSchema = z.object({ output_tokens: z.number().int().nonnegative() });

async function generate(
  config: OpenAiConfig,
  { path, body, contentType }: OpenAiRequest,
  signal: AbortSignal,
): Promise<GeneratedPicture> {
  const { apiKey, baseUrl } = config;
  const url = new URL(`${baseUrl}${path}`);
  const bytesMax = PICTURE_ANSWER_BYTES_MAX;
  const key = { apiKey, keyName: "OPENAI_API_KEY" };
  const answer = await callProvider({ url, apiKey, body, contentType, signal, bytesMax });
  if (!isDone(answer)) throw classifyFailure(OPENAI_FAILURES, readProviderError(answer), key);
  const picture = findPicture(answer.json);
  if (picture === null) {
    const hidden = readHiddenError(answer.json, answer.headers);
    throw hidden === null ? noPicture("yes") : classifyFailure(OPENAI_FAILURES, hidden, key);
  }
  return {
    provider: makerOf(answer.headers, NAME),
    // This wire counts no pictures; an answer with one is billed as one.
    generatedImages: 1,
    outputTokens: usageSchema.safeParse(objectOf(answer.json)?.["usage"]).data?.output_tokens ?? 0,
    fetch: (until) => fetchPicture(baseUrl, picture, until),
  };
}
