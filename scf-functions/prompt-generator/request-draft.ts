import type { PromptDraft } from "../../core/function-schemas/prompt-generator.ts";
import type { FunctionTools } from "../shared/define-function.ts";
import { FunctionError, withRan } from "../shared/function-error.ts";
import { type ChatMessage, repairMessages } from "./prompt-messages.ts";
import type { ChatReply, PromptProvider } from "./prompt-provider.ts";
import { readDraft } from "./read-draft.ts";

export type DraftRequest = {
  readonly provider: PromptProvider;
  /** Goes before the provider's own. */
  readonly model: string | undefined;
  readonly messages: readonly ChatMessage[];
  readonly tools: FunctionTools;
};
export type WrittenDraft = { readonly draft: PromptDraft; readonly replies: readonly ChatReply[] };

/** Of the time that is left after the first answer. */
const REPAIR_SHARE = 0.8;

/**
 * One provider's draft. An answer that is bad or weak gets one repair round; then a weak one does, and a bad one is
 * PROVIDER_ANSWER_INVALID with ran "yes".
 */
export async function requestDraft(request: DraftRequest): Promise<WrittenDraft> {
  const { provider, model, messages, tools } = request;
  const first = await provider.complete(messages, { signal: tools.signal, model });
  const reading = readDraft(first.text);
  if (reading.ok && reading.weak.length === 0) return { draft: reading.draft, replies: [first] };

  const problems = reading.ok ? reading.weak : reading.problems;
  const again = [...messages, ...repairMessages(first.text, problems)];
  const second = await requestRepair({ ...request, messages: again }, !reading.ok);
  const repaired = second === null ? null : readDraft(second.text);
  const replies = second === null ? [first] : [first, second];
  if (repaired?.ok === true) return { draft: repaired.draft, replies };
  if (reading.ok) return { draft: reading.draft, replies };
  const why = (repaired?.problems ?? problems).join("; ");
  throw new FunctionError(
    "PROVIDER_ANSWER_INVALID",
    `The prompt model's answer cannot be used, also after it was asked to repair it: ${why}.`,
    { ran: "yes" },
  );
}

/** Null when it failed and the first answer will do. The first was paid, so a failure here says that it ran. */
async function requestRepair(
  { provider, model, messages, tools }: DraftRequest,
  isNeeded: boolean,
): Promise<ChatReply | null> {
  // In time to store the first answer when the second does not come.
  const repairMs = Math.max(1, Math.round(tools.remainingMs() * REPAIR_SHARE));
  const signal = AbortSignal.any([tools.signal, AbortSignal.timeout(repairMs)]);
  try {
    return await provider.complete(messages, { signal, model });
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    if (isNeeded) throw withRan(error, error.ran === "no" ? "yes" : error.ran);
    return null;
  }
}
