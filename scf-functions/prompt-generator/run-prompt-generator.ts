import type { z } from "zod";
import {
  type promptGeneratorEventSchema,
  type PromptGeneratorResult,
  promptGeneratorResultSchema,
} from "../../core/function-schemas/prompt-generator.ts";
import { parseJson } from "../shared/call-provider.ts";
import type { FunctionTools } from "../shared/define-function.ts";
import { failOver } from "../shared/fail-over.ts";
import { FunctionError } from "../shared/function-error.ts";
import type { FunctionStore } from "../shared/object-store.ts";
import { openPicture, pictureError, readPictureHeader } from "../shared/picture.ts";
import { QUESTIONS_MAX, requestDraft, type WrittenDraft } from "./request-draft.ts";
import { promptMessages } from "./prompt-messages.ts";
import type { ChatReply, PromptProvider } from "./prompt-provider.ts";
import { withFixedPoints } from "./fixed-points.ts";
import { shortenDraft } from "./weak-spots.ts";

type PromptEvent = z.output<typeof promptGeneratorEventSchema>;
export type PromptGeneratorDeps = {
  readonly store: FunctionStore;
  /** In the order in which they are asked; at least one. */
  readonly providers: readonly PromptProvider[];
};

const PHOTO_BYTES_MAX = 20_000_000;
const STORED_BYTES_MAX = 1_000_000;
/** What the model sees: enough for buttons and stitching, a fifth of the tokens of the full photo. */
const PHOTO_SIDE_MAX = 1024;
const PHOTO_QUALITY = 85;
/** Looking at four photos and writing takes 3 to 12 s; with less left the next provider is not asked. */
export const NEXT_PROVIDER_MS = 15_000;

/**
 * The photographer's brief for a garment, stored at `to`; what is stored there already is returned and no
 * model is asked. Briefs that are too long are cut.
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
  const result = await draftInOrder(deps, event, { pictures, tools });
  try {
    const body = Buffer.from(JSON.stringify(result));
    await deps.store.put(event.to, body, { contentType: "application/json" }, tools.signal);
  } catch (error) {
    // It is paid for and goes out with the answer: only who asks again because the answer was lost does not find it.
    if (!(error instanceof FunctionError)) throw error;
  }
  return result;
}

async function draftInOrder(
  { providers }: PromptGeneratorDeps,
  event: PromptEvent,
  { pictures, tools }: { readonly pictures: readonly string[]; readonly tools: FunctionTools },
): Promise<PromptGeneratorResult> {
  const messages = promptMessages(event, pictures);
  const rules = {
    remainingMs: tools.remainingMs,
    timeMinMs: NEXT_PROVIDER_MS,
    // An answer that cannot be used cost a few fen; a prompt is worth that twice, and not more often.
    paysAgain: () => budget.answers < QUESTIONS_MAX,
  };
  const current = { provider: providers[0] };
  const budget = {
    answers: 0,
    hasNext: () => current.provider !== providers.at(-1) && tools.remainingMs() >= NEXT_PROVIDER_MS,
  };
  const { result, switches } = await failOver(providers, rules, (provider) => {
    current.provider = provider;
    // A model that the caller names is the first provider's: others do not know it.
    const model = provider === providers[0] ? event.model : undefined;
    return requestDraft({ provider, model, messages, tools, budget });
  });
  return { ...resultOf(result), switches };
}

function resultOf({ draft, replies }: WrittenDraft): Omit<PromptGeneratorResult, "switches"> {
  const sum = (count: (reply: ChatReply) => number) =>
    replies.reduce((total, reply) => total + count(reply), 0);
  return {
    ...shortenDraft(draft),
    avoid: withFixedPoints(draft.avoid),
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
