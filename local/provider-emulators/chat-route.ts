import { z } from "zod";
import type { CutOutCache } from "../preview/garment/cut-out-cache.ts";
import { hashOf } from "../preview/garment/cut-out-cache.ts";
import { describeGarment, type Described } from "./describe-garment.ts";
import { readReferenceImage, ReferenceImageError } from "./reference-image.ts";
import { answerWithout, type Answer } from "./answer.ts";
import { readInstruction, writePrompts } from "./write-prompts.ts";

const partSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("image_url"), image_url: z.object({ url: z.string() }) }),
]);
const chatSchema = z.object({
  model: z.string().min(1),
  messages: z
    .array(z.object({ role: z.string(), content: z.union([z.string(), z.array(partSchema)]) }))
    .min(1),
});

const PHOTOS_MAX = 10;

/** The chat model: looks at every picture and answers the brief as one JSON object. */
export async function answerChat(body: unknown, cutOuts: CutOutCache): Promise<Answer> {
  const parsed = chatSchema.safeParse(body);
  if (!parsed.success) return refused(z.prettifyError(parsed.error));
  const { model, messages } = parsed.data;
  const parts = messages.flatMap(({ content }) =>
    typeof content === "string" ? [{ type: "text" as const, text: content }] : content,
  );
  const text = parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
  const urls = parts.flatMap((part) => (part.type === "image_url" ? [part.image_url.url] : []));
  const noted = { model, promptExcerpt: text.slice(0, 300), imageCount: urls.length };
  if (urls.length > PHOTOS_MAX) return { ...refused("too many images in the messages"), ...noted };
  try {
    const photos = await Promise.all(urls.map(readReferenceImage));
    const instruction = readInstruction(text);
    const described: Described[] = [];
    // One after another: each cut-out takes a processor.
    for (const photo of photos) {
      described.push(await describeGarment(photo, instruction.garment, cutOuts));
    }
    const [first, ...others] = described;
    const [main] = photos;
    if (first === undefined || main === undefined) {
      return { ...refused("no image in the messages"), ...noted };
    }
    const content = JSON.stringify(writePrompts([first, ...others], instruction));
    const hash = hashOf(main);
    return {
      ...noted,
      imageHashes: photos.map(hashOf),
      status: 200,
      body: completion(model, content, { text, images: urls.length, hash }),
    };
  } catch (error) {
    const why = error instanceof ReferenceImageError ? error.message : "unreadable picture";
    return { ...refused(`invalid image_url: ${why}`), ...noted };
  }
}

function completion(
  model: string,
  content: string,
  { text, images, hash }: { text: string; images: number; hash: string },
) {
  // About four letters or one and a half Chinese characters a token; a picture costs some hundreds.
  const promptTokens = Math.ceil(text.length / 3) + images * 765;
  const completionTokens = Math.ceil(content.length / 2.4);
  return {
    id: `chatcmpl-preview-${hash.slice(0, 16)}`,
    object: "chat.completion",
    created: Math.floor(Date.now() / 1000),
    model,
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    },
  };
}

function refused(message: string): Answer {
  return answerWithout(400, chatError(message, "invalid_request_error", null));
}

/** OpenAI's shape of an error. */
export function chatError(message: string, type: string, code: string | null) {
  return { error: { message, type, param: null, code } };
}
