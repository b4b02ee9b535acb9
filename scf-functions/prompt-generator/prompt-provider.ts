import type { ChatMessage } from "./prompt-messages.ts";

/** Who writes prompts: one endpoint that looks at pictures and answers in words. */
export interface PromptProvider {
  /** As the configuration, the results and the degradations call it. */
  readonly name: string;
  /**
   * One question; `model` goes before the provider's own. Throws the contract's PROVIDER_* codes, or
   * CONTENT_REJECTED when the provider's filter stopped it.
   */
  complete(messages: readonly ChatMessage[], options: CallOptions): Promise<ChatReply>;
}

export type CallOptions = { readonly signal: AbortSignal; readonly model?: string | undefined };

export type ChatReply = {
  readonly text: string;
  readonly model: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
};
