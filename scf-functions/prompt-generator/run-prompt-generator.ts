import type { z } from "zod";
import {
  type promptGeneratorEventSchema,
  type PromptGeneratorResult,
  promptGeneratorResultSchema,
} from "../../core/contracts/prompt-generator.ts";
import { parseJson } from "../call-provider.ts";
import type { FunctionTools } from "../define-function.ts";
import { FunctionError, withRan } from "../function-error.ts";
import type { FunctionStore } from "../object-store.ts";
import { openPicture, pictureError, readPictureHeader } from "../picture.ts";
import { askChatModel } from "./ask-chat-model.ts";
import type { ChatConfig } from "./config.ts";
import { promptMessages, repairMessages } from "./prompt-messages.ts";
import { readDraft } from "./read-draft.ts";

type PromptEvent = z.output<typeof promptGeneratorEventSchema>;
export type PromptGeneratorDeps = { readonly store: FunctionStore; readonly chat: ChatConfig };

const PHOTO_BYTES_MAX = 20_000_000;
const STORED_BYTES_MAX = 1_000_000;
/** What the model sees: enough for buttons and stitching, a fifth of the tokens of the full photo. */
const PHOTO_SIDE_MAX = 1024;
const PHOTO_QUALITY = 85;

/**
 * The photographer's brief for a garment, stored at `to`; what is stored there already is returned and no
 * model is asked. A bad answer gets one repair round, then PROVIDER_ANSWER_INVALID.
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
  const result = await askForDraft(deps.chat, event, { pictures, signal: tools.signal });
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
  input: { readonly pictures: readonly string[]; readonly signal: AbortSignal },
): Promise<PromptGeneratorResult> {
  const chat = { ...config, model: event.model ?? config.model };
  const messages = promptMessages(event, input.pictures);
  const first = await askChatModel(chat, messages, input.signal);
  let reading = readDraft(first.text);
  let { model, promptTokens, completionTokens } = first;
  if (!reading.ok) {
    const repair = [...messages, ...repairMessages(first.text, reading.problem)];
    const second = await askChatModel(chat, repair, input.signal);
    reading = readDraft(second.text);
    model = second.model;
    promptTokens += second.promptTokens;
    completionTokens += second.completionTokens;
  }
  if (!reading.ok) {
    throw new FunctionError(
      "PROVIDER_ANSWER_INVALID",
      `The prompt model's answer cannot be used, also after it was asked to repair it: ${reading.problem}.`,
      { ran: "yes" },
    );
  }
  return { ...reading.draft, model, usage: { promptTokens, completionTokens } };
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
