import type { z } from "zod";
import {
  type PromptDraft,
  type promptGeneratorEventSchema,
  type PromptGeneratorResult,
  promptGeneratorResultSchema,
} from "../../core/contracts/prompt-generator.ts";
import { parseJson } from "../call-provider.ts";
import type { FunctionTools } from "../define-function.ts";
import { FunctionError, withRan } from "../function-error.ts";
import type { FunctionStore } from "../object-store.ts";
import { openPicture, pictureError, readPictureHeader } from "../picture.ts";
import { askChatModel, type ChatReply } from "./ask-chat-model.ts";
import type { ChatConfig } from "./config.ts";
import { type ChatMessage, promptMessages, repairMessages } from "./prompt-messages.ts";
import { readDraft } from "./read-draft.ts";
import { withStandingPoints } from "./standing-points.ts";
import { shortenDraft } from "./weak-spots.ts";

type PromptEvent = z.output<typeof promptGeneratorEventSchema>;
export type PromptGeneratorDeps = { readonly store: FunctionStore; readonly chat: ChatConfig };

const PHOTO_BYTES_MAX = 20_000_000;
const STORED_BYTES_MAX = 1_000_000;
/** What the model sees: enough for buttons and stitching, a fifth of the tokens of the full photo. */
const PHOTO_SIDE_MAX = 1024;
const PHOTO_QUALITY = 85;
/** Of the time that is left after the first answer. */
const REPAIR_SHARE = 0.8;

/**
 * The photographer's brief for a garment, stored at `to`; what is stored there already is returned and no
 * model is asked. An answer that is bad or weak gets one repair round; then a weak one does, with briefs that
 * are too long cut, and a bad one is PROVIDER_ANSWER_INVALID.
 */
export async function runPromptGenerator(
  deps: PromptGeneratorDeps,
  event: PromptEvent,
  tools: FunctionTools,
): Promise<PromptGeneratorResult> {
  const stored = await deps.store.get(event.to, STORED_BYTES_MAX, tools.signal);
  if (stored !== null) {
    const known = promptGeneratorResultSchema.safeParse(parseJson(stored.body.toString("utf8")));
    if (known.success) return known.data;
  }

  const pictures = await Promise.all(
    event.images.map((key) => readAsDataUri(deps.store, key, tools)),
  );
  const result = await askForDraft(deps.chat, event, { pictures, tools });
  try {
    const body = Buffer.from(JSON.stringify(result));
    await deps.store.put(event.to, body, { contentType: "application/json" }, tools.signal);
  } catch (error) {
    throw error instanceof FunctionError ? withRan(error, "yes") : error;
  }
  return result;
}

async function askForDraft(
  config: ChatConfig,
  event: PromptEvent,
  { pictures, tools }: { readonly pictures: readonly string[]; readonly tools: FunctionTools },
): Promise<PromptGeneratorResult> {
  const chat = { ...config, model: event.model ?? config.model };
  const messages = promptMessages(event, pictures);
  const first = await askChatModel(chat, messages, tools.signal);
  const reading = readDraft(first.text);
  if (reading.ok && reading.weak.length === 0) return resultOf(reading.draft, [first]);

  const problems = reading.ok ? reading.weak : reading.problems;
  const second = await askToRepair(chat, [...messages, ...repairMessages(first.text, problems)], {
    isNeeded: !reading.ok,
    tools,
  });
  const repaired = second === null ? null : readDraft(second.text);
  const replies = second === null ? [first] : [first, second];
  if (repaired?.ok === true) return resultOf(repaired.draft, replies);
  if (reading.ok) return resultOf(reading.draft, replies);
  const why = (repaired?.problems ?? problems).join("; ");
  throw new FunctionError(
    "PROVIDER_ANSWER_INVALID",
    `The prompt model's answer cannot be used, also after it was asked to repair it: ${why}.`,
    { ran: "yes" },
  );
}

type Repair = { readonly isNeeded: boolean; readonly tools: FunctionTools };

/** Null when it failed and the first answer will do. The first was paid, so a failure here says that it ran. */
async function askToRepair(
  chat: ChatConfig,
  messages: readonly ChatMessage[],
  { isNeeded, tools }: Repair,
): Promise<ChatReply | null> {
  // In time to store the first answer when the second does not come.
  const repairMs = Math.max(1, Math.round(tools.remainingMs() * REPAIR_SHARE));
  const signal = AbortSignal.any([tools.signal, AbortSignal.timeout(repairMs)]);
  try {
    return await askChatModel(chat, messages, signal);
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    if (isNeeded) throw withRan(error, error.ran === "no" ? "yes" : error.ran);
    return null;
  }
}

function resultOf(draft: PromptDraft, replies: readonly ChatReply[]): PromptGeneratorResult {
  const sum = (count: (reply: ChatReply) => number) =>
    replies.reduce((total, reply) => total + count(reply), 0);
  return {
    ...shortenDraft(draft),
    avoid: withStandingPoints(draft.avoid),
    model: replies.at(-1)?.model ?? "",
    usage: {
      promptTokens: sum(({ promptTokens }) => promptTokens),
      completionTokens: sum(({ completionTokens }) => completionTokens),
    },
  };
}

async function readAsDataUri(
  store: FunctionStore,
  key: string,
  tools: FunctionTools,
): Promise<string> {
  const photo = await store.get(key, PHOTO_BYTES_MAX, tools.signal);
  if (photo === null) {
    throw new FunctionError("IMAGE_SOURCE_UNREACHABLE", `There is no object ${key}.`);
  }
  const naming = { name: key, timeoutMs: tools.remainingMs() };
  await readPictureHeader(photo.body, naming);
  try {
    const small = await openPicture(photo.body, naming.timeoutMs)
      .autoOrient()
      .resize(PHOTO_SIDE_MAX, PHOTO_SIDE_MAX, { fit: "inside", withoutEnlargement: true })
      .flatten({ background: "#ffffff" })
      .jpeg({ quality: PHOTO_QUALITY })
      .toBuffer();
    return `data:image/jpeg;base64,${small.toString("base64")}`;
  } catch (error) {
    throw pictureError(error, key);
  }
}
