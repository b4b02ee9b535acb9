import { z } from "zod";
import { callProvider, readProviderError } from "../shared/call-provider.ts";
import { classifyFailure } from "../shared/classify-failure.ts";
import { FunctionError } from "../shared/function-error.ts";
import { CHAT_FAILURES } from "./chat-failures.ts";
import type { ChatMessage } from "./prompt-messages.ts";
import type { CallOptions, ChatReply, PromptProvider } from "./prompt-provider.ts";

export type ChatConfig = {
  readonly name: string;
  /** Everything before `/chat/completions`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** The variable that holds the key, for the operator. */
  readonly keyName: string;
  readonly model: string;
};

const TEMPERATURE = 0.4;
/** A draft has about 700 tokens; the bound keeps a model that rambles from costing more. */
const ANSWER_TOKENS_MAX = 1500;

/** Ends of an answer that a filter cut off: OpenAI's word, Hunyuan's, and others seen. */
const FILTERED = /content_?filter|sensitive|moderation|risk/i;
const REJECTED_TEXT = "The photos or the words were rejected by the prompt model's content check.";

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

/** Any chat endpoint on OpenAI's wire that looks at pictures: TokenHub, Ark, OpenAI itself, a gateway. */
export function createChatProvider(config: ChatConfig): PromptProvider {
  return {
    name: config.name,
    complete: (messages, options) => complete(config, messages, options),
  };
}

async function complete(
  config: ChatConfig,
  messages: readonly ChatMessage[],
  { signal, model = config.model }: CallOptions,
): Promise<ChatReply> {
  const question = {
    model,
    messages,
    temperature: TEMPERATURE,
    max_tokens: ANSWER_TOKENS_MAX,
    stream: false,
  };
  const answer = await callProvider({
    url: new URL(`${config.baseUrl}/chat/completions`),
    apiKey: config.apiKey,
    body: Buffer.from(JSON.stringify(question)),
    signal,
  });
  if (answer.status !== 200) {
    throw classifyFailure(CHAT_FAILURES, readProviderError(answer), config);
  }

  const parsed = completionSchema.safeParse(answer.json);
  const choice = parsed.success ? parsed.data.choices[0] : undefined;
  if (!parsed.success || choice === undefined) {
    throw new FunctionError(
      "PROVIDER_ANSWER_INVALID",
      "The prompt model's answer is not a chat completion.",
      { ran: "unknown" },
    );
  }
  const { finish_reason: reason, message } = choice;
  if (FILTERED.test(reason ?? "")) {
    throw new FunctionError("CONTENT_REJECTED", REJECTED_TEXT, {
      ran: "yes",
      providerCode: reason ?? undefined,
    });
  }
  return {
    text: message?.content ?? "",
    model: (parsed.data.model ?? model).slice(0, 200),
    promptTokens: parsed.data.usage.prompt_tokens,
    completionTokens: parsed.data.usage.completion_tokens,
  };
}
