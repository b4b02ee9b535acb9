import { callProvider, isDone } from "../shared/call-provider.ts";
import { classifyFailure } from "../shared/classify-failure.ts";
import { readProviderError } from "../shared/provider-error.ts";
import { CHAT_FAILURES } from "./chat-failures.ts";
import { readCompletion } from "./read-completion.ts";
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
  if (!isDone(answer)) {
    throw classifyFailure(CHAT_FAILURES, readProviderError(answer), config);
  }
  const completion = readCompletion(answer.json, answer.headers, config);
  return { ...completion, model: (completion.model ?? model).slice(0, 200) };
}
