import { classifyFailure, type ProviderKey } from "../shared/classify-failure.ts";
import { FunctionError } from "../shared/function-error.ts";
import { listOf, objectOf, readHiddenError } from "../shared/provider-error.ts";
import { CHAT_FAILURES } from "./chat-failures.ts";

export type Completion = {
  /** Empty when the model said nothing. */
  readonly text: string;
  /** Undefined when the answer does not say it. */
  readonly model: string | undefined;
  readonly promptTokens: number;
  readonly completionTokens: number;
};

/** Ends of an answer that a filter cut off: OpenAI's word, Hunyuan's, and others seen. */
const FILTERED = /content_?filter|sensitive|moderation|risk|safety|prohibited|refusal/i;
const REJECTED_TEXT = "The photos or the words were rejected by the prompt model's content check.";

type Members = Record<string, unknown>;

/**
 * Reads a chat answer in the forms that endpoints on OpenAI's wire give it: the text as a string, in parts, as an
 * object, or as the arguments of a tool call; of several choices the first one that has any. Throws CONTENT_REJECTED
 * for a refusal or a filter's end, the error that a 200 holds as what it is, and PROVIDER_ANSWER_INVALID (ran "yes",
 * since an answer that came is over) for what is no completion.
 */
export function readCompletion(
  json: unknown,
  headers: Parameters<typeof readHiddenError>[1],
  key: ProviderKey,
): Completion {
  const body = objectOf(json);
  const choices = objectsOf(body?.["choices"]);
  const texts = choices.map(textOf);
  const text = texts.find((one) => one.includes("{")) ?? texts.find((one) => one !== "") ?? "";
  const rejection = choices.map(rejectionOf).find((reason) => reason !== null) ?? null;
  if (rejection !== null && (text === "" || !choices.some(isWhole))) throw rejected(rejection);
  if (text === "") {
    const [first] = choices;
    const hidden = readHiddenError(body, headers) ?? errorOf(first);
    if (hidden !== null) throw classifyFailure(CHAT_FAILURES, hidden, key);
  }
  if (choices.length === 0) {
    throw new FunctionError(
      "PROVIDER_ANSWER_INVALID",
      "The prompt model's answer is not a chat completion.",
      { ran: "yes" },
    );
  }
  const usage = objectOf(body?.["usage"]);
  const model = body?.["model"];
  return {
    text,
    model: typeof model === "string" ? model : undefined,
    promptTokens: countOf(usage?.["prompt_tokens"]),
    completionTokens: countOf(usage?.["completion_tokens"]),
  };
}

/** What one choice says, whichever member holds it. What a model thinks beside its answer is none. */
function textOf(choice: Members): string {
  const message = objectOf(choice["message"]) ?? objectOf(choice["delta"]) ?? {};
  const call = objectOf(objectOf(listOf(message["tool_calls"])[0])?.["function"]);
  const sources = [
    message["content"],
    message["parsed"],
    call?.["arguments"],
    objectOf(message["function_call"])?.["arguments"],
    choice["text"],
  ];
  return sources.map(wordsOf).find((words) => words !== "") ?? "";
}

/** A text, a list of parts with texts, or an object that is the answer itself. */
function wordsOf(value: unknown): string {
  if (typeof value === "string") return value.trim();
  if (Array.isArray(value)) return listOf(value).map(partText).join("").trim();
  const object = objectOf(value);
  return object === null ? "" : JSON.stringify(object);
}

function partText(part: unknown): string {
  if (typeof part === "string") return part;
  const members = objectOf(part);
  if (members === null || /^(refusal|thinking|reasoning)/.test(String(members["type"]))) return "";
  const text = members["text"] ?? members["content"];
  const value = objectOf(text)?.["value"] ?? text;
  return typeof value === "string" ? value : "";
}

/** Why a choice was rejected: the model's own refusal, or a filter that ended it. */
function rejectionOf(choice: Members): string | null {
  const message = objectOf(choice["message"]);
  const parts = objectsOf(message?.["content"]);
  const refusals = [message?.["refusal"], ...parts.map((part) => part["refusal"])];
  if (refusals.some((one) => typeof one === "string" && one.trim() !== "")) return "refusal";
  const reason = choice["finish_reason"];
  return typeof reason === "string" && FILTERED.test(reason) ? reason : null;
}

const isWhole = (choice: Members): boolean => rejectionOf(choice) === null && textOf(choice) !== "";

function errorOf(choice: Members | undefined) {
  const error = choice?.["error"];
  return error === undefined || error === null ? null : readHiddenError({ error });
}

function rejected(reason: string): FunctionError {
  return new FunctionError("CONTENT_REJECTED", REJECTED_TEXT, { ran: "yes", providerCode: reason });
}

const objectsOf = (value: unknown): readonly Members[] =>
  listOf(value)
    .map(objectOf)
    .filter((one) => one !== null);

const countOf = (value: unknown): number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : 0;
