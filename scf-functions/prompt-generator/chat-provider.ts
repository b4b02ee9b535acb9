import { z } from "zod";
import {
  callProvider,
  type ProviderError,
  quoteProvider,
  readProviderError,
} from "../call-provider.ts";
import { FunctionError } from "../function-error.ts";
import type { ChatConfig } from "./config.ts";
import type { ChatMessage } from "./prompt-messages.ts";

export type ChatReply = {
  readonly text: string;
  readonly model: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
};

const TEMPERATURE = 0.4;
/** A draft has about 700 tokens; the bound keeps a model that rambles from costing more. */
const ANSWER_TOKENS_MAX = 1500;

const count = z.number().int().nonnegative().catch(0);
const completionSchema = z.object({
  model: z.string().optional().catch(undefined),
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({ content: z.string().nullish() }).optional(),
      }),
    )
    .min(1),
  usage: z
    .object({ prompt_tokens: count, completion_tokens: count })
    .catch({ prompt_tokens: 0, completion_tokens: 0 }),
});

/**
 * One request to an OpenAI-shaped chat endpoint. Throws the contract's PROVIDER_* codes, or
 * CONTENT_REJECTED when the provider's filter stopped it.
 */
export async function askChatModel(
  config: ChatConfig,
  messages: readonly ChatMessage[],
  signal: AbortSignal,
): Promise<ChatReply> {
  const ask = {
    model: config.model,
    messages,
    temperature: TEMPERATURE,
    max_tokens: ANSWER_TOKENS_MAX,
    stream: false,
  };
  const answer = await callProvider({
    url: new URL(`${config.baseUrl}/chat/completions`),
    apiKey: config.apiKey,
    body: Buffer.from(JSON.stringify(ask)),
    signal,
  });
  if (answer.status !== 200) throw chatFailure(readProviderError(answer), config.apiKey);

  const parsed = completionSchema.safeParse(answer.json);
  const choice = parsed.success ? parsed.data.choices[0] : undefined;
  if (!parsed.success || choice === undefined) {
    throw new FunctionError(
      "PROVIDER_ANSWER_INVALID",
      "The prompt model's answer is not a chat completion.",
      { ran: "unknown" },
    );
  }
  if (FILTERED.test(choice.finish_reason ?? "")) {
    throw rejected(choice.finish_reason ?? "content_filter", "yes");
  }
  return {
    text: choice.message?.content ?? "",
    model: (parsed.data.model ?? config.model).slice(0, 200),
    promptTokens: parsed.data.usage.prompt_tokens,
    completionTokens: parsed.data.usage.completion_tokens,
  };
}

const FILTERED = /content_?filter|sensitive|moderation|risk/i;
const UNPAID = /overdue|arrear|insufficient|unpaid|balance|payment/i;

function chatFailure(error: ProviderError, apiKey: string): FunctionError {
  const providerCode = error.code;
  const { status, retryAfterMs } = error;
  if (status === 402 || (status < 500 && UNPAID.test(`${error.code} ${error.message}`))) {
    const message = "The prompt model's account is not paid.";
    return new FunctionError("PROVIDER_UNPAID", message, { providerCode });
  }
  if (status === 401 || status === 403) {
    const message = "The prompt model refuses our key (PROMPT_API_KEY).";
    return new FunctionError("PROVIDER_CREDENTIALS", message, { providerCode });
  }
  if (status === 429) {
    const message = "The prompt model is at its limit.";
    return new FunctionError("PROVIDER_BUSY", message, { providerCode, retryAfterMs });
  }
  if (status >= 500) {
    return new FunctionError("PROVIDER_FAILED", "The prompt model failed.", {
      ran: error.isProvidersOwn ? "no" : "unknown",
      providerCode,
      retryAfterMs,
    });
  }
  if (FILTERED.test(error.code)) return rejected(providerCode, "no");
  const message = `The prompt model refused the request: ${quoteProvider(error, apiKey)}`;
  return new FunctionError("PROVIDER_REQUEST_REFUSED", message, { providerCode });
}

const rejected = (providerCode: string, ran: "no" | "yes") =>
  new FunctionError(
    "CONTENT_REJECTED",
    "The photos or the wishes were rejected by the prompt model's content check.",
    { ran, providerCode },
  );
