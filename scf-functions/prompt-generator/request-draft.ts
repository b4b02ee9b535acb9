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
  /** Answers that were paid for may come to nothing only so often: see `QUESTIONS_MAX`. */
  readonly budget: QuestionBudget;
};
export type WrittenDraft = { readonly draft: PromptDraft; readonly replies: readonly ChatReply[] };

/**
 * Questions of one call whose answers are paid for, whoever gives them: the first one and one more, of the next provider
 * or a repair. After two that came to nothing nobody is asked again.
 */
export const QUESTIONS_MAX = 2;

type QuestionBudget = {
  /** How many answers came, from all providers. */
  answers: number;
  /** Whether another provider would be asked if this one's answer cannot be used: then that is the second question. */
  readonly hasNext: () => boolean;
};

/** Of the time that is left after the first answer. */
const REPAIR_SHARE = 0.8;

/**
 * One provider's draft. An answer that is weak gets one repair round, and so does a bad one that nobody else may mend,
 * while the budget lasts; then a weak one does, and a bad one is PROVIDER_ANSWER_INVALID with ran "yes".
 */
export async function requestDraft(request: DraftRequest): Promise<WrittenDraft> {
  const { provider, model, messages, tools, budget } = request;
  const first = await answered(
    budget,
    provider.complete(messages, { signal: tools.signal, model }),
  );
  const reading = readDraft(first.text);
  if (reading.ok && reading.weak.length === 0) return { draft: reading.draft, replies: [first] };

  const problems = reading.ok ? reading.weak : reading.problems;
  if (budget.answers >= QUESTIONS_MAX || (!reading.ok && budget.hasNext())) {
    if (reading.ok) return { draft: reading.draft, replies: [first] };
    throw unusable(problems);
  }
  const again = [...messages, ...repairMessages(first.text, problems)];
  const second = await requestRepair({ ...request, messages: again }, !reading.ok);
  const repaired = second === null ? null : readDraft(second.text);
  const replies = second === null ? [first] : [first, second];
  if (repaired?.ok === true) return { draft: repaired.draft, replies };
  if (reading.ok) return { draft: reading.draft, replies };
  throw unusable(repaired?.problems ?? problems);
}

function unusable(problems: readonly string[]): FunctionError {
  return new FunctionError(
    "PROVIDER_ANSWER_INVALID",
    `The prompt model's answer cannot be used: ${problems.join("; ")}.`,
    { ran: "yes" },
  );
}

/** Counts an answer that came: one that is no completion as well, since it is paid for all the same. */
async function answered(budget: QuestionBudget, answer: Promise<ChatReply>): Promise<ChatReply> {
  try {
    const reply = await answer;
    budget.answers += 1;
    return reply;
  } catch (error) {
    if (error instanceof FunctionError && error.ran !== "no") budget.answers += 1;
    throw error;
  }
}

/** Null when it failed and the first answer will do. The first was paid, so a failure here says that it ran. */
async function requestRepair(
  { provider, model, messages, tools, budget }: DraftRequest,
  isNeeded: boolean,
): Promise<ChatReply | null> {
  // In time to store the first answer when the second does not come.
  const repairMs = Math.max(1, Math.round(tools.remainingMs() * REPAIR_SHARE));
  const signal = AbortSignal.any([tools.signal, AbortSignal.timeout(repairMs)]);
  try {
    return await answered(budget, provider.complete(messages, { signal, model }));
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    if (isNeeded) throw withRan(error, error.ran === "no" ? "yes" : error.ran);
    return null;
  }
}
