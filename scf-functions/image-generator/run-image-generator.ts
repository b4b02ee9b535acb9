import type { z } from "zod";
import type {
  GeneratedImage,
  imageGeneratorEventSchema,
  ImageGeneratorResult,
} from "../../core/contracts/image-generator.ts";
import type { FunctionTools } from "../define-function.ts";
import { once } from "../environment.ts";
import { FunctionError, toFailure, withRan } from "../function-error.ts";
import type { FunctionStore } from "../object-store.ts";
import { inspectPicture, PICTURE_TYPES, readPictureHeader } from "../picture.ts";
import { arkRequestBody, arkRequestNotes, checkedModel } from "./ark-request.ts";
import { askArk } from "./ask-ark.ts";
import type { ArkConfig } from "./config.ts";
import { downloadResult } from "./download-result.ts";
import { readReferencePictures } from "./reference-pictures.ts";

type ImageEvent = z.output<typeof imageGeneratorEventSchema>;
type Wish = ImageEvent["images"][number];
type MadeImage = Extract<GeneratedImage, { ok: true }>;
type Usage = ImageGeneratorResult["usage"];

export type ImageGeneratorDeps = { readonly store: FunctionStore; readonly ark: ArkConfig };

const PICTURE_BYTES_MAX = 30_000_000;
/** Kept for the download and the copy: a picture that comes too late to be kept is paid for nothing. */
const COPY_RESERVE_MS = 30_000;
const NO_USAGE: Usage = { generatedImages: 0, outputTokens: 0 };

/**
 * Makes every picture whose key does not exist yet, all at once, each request for exactly one picture; each
 * is copied to its key as soon as it arrives and fails alone. Asking again with the same keys therefore
 * buys only what is missing. An unforeseen error is thrown after the other pictures are safe.
 */
export async function runImageGenerator(
  deps: ImageGeneratorDeps,
  event: ImageEvent,
  tools: FunctionTools,
): Promise<ImageGeneratorResult> {
  const requestBody = once(async () => {
    const model = checkedModel(event);
    const references = await readReferencePictures(deps.store, event.referenceKeys, tools);
    return arkRequestBody(event, model, references);
  });
  let usage = NO_USAGE;
  const spend = (more: Usage) => {
    usage = {
      generatedImages: usage.generatedImages + more.generatedImages,
      outputTokens: usage.outputTokens + more.outputTokens,
    };
  };

  const settled = await Promise.allSettled(
    event.images.map(async (wish): Promise<GeneratedImage> => {
      try {
        const existing = await describeExisting(deps.store, wish, tools);
        return existing ?? (await makePicture({ ...deps, requestBody, spend }, wish, tools));
      } catch (error) {
        if (!(error instanceof FunctionError)) throw error;
        return { ok: false, index: wish.index, failure: toFailure(error) };
      }
    }),
  );
  const images = settled.map((outcome) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
  return { images, usage, notes: arkRequestNotes(event) };
}

async function describeExisting(
  store: FunctionStore,
  wish: Wish,
  tools: FunctionTools,
): Promise<MadeImage | null> {
  if ((await store.head(wish.key, tools.signal)) === null) return null;
  const made = await store.get(wish.key, PICTURE_BYTES_MAX, tools.signal);
  if (made === null) return null;
  const naming = { name: wish.key, timeoutMs: tools.remainingMs() };
  const facts = await readPictureHeader(made.body, naming);
  const bytes = made.body.byteLength;
  return { ok: true, ...wish, ...facts, bytes, provider: made.provider ?? "ark" };
}

type MakeDeps = ImageGeneratorDeps & {
  readonly requestBody: () => Promise<Buffer>;
  readonly spend: (usage: Usage) => void;
};

async function makePicture(deps: MakeDeps, wish: Wish, tools: FunctionTools): Promise<MadeImage> {
  const body = await deps.requestBody();
  const remaining = tools.remainingMs();
  const reserve = Math.min(COPY_RESERVE_MS, remaining * 0.2);
  const asking = AbortSignal.any([
    tools.signal,
    AbortSignal.timeout(Math.max(1, Math.round(remaining - reserve))),
  ]);
  const picture = await askArk(deps.ark, body, asking);
  deps.spend({ generatedImages: picture.generatedImages, outputTokens: picture.outputTokens });

  // From here on the picture exists and is paid for, whatever fails.
  try {
    const bytes = await downloadResult(deps.ark, picture.url, tools.signal);
    const facts = await inspectResult(bytes, tools);
    const { provider } = picture;
    const options = { contentType: PICTURE_TYPES[facts.format].contentType, provider };
    await deps.store.put(wish.key, bytes, options, tools.signal);
    return { ok: true, ...wish, ...facts, bytes: bytes.byteLength, provider };
  } catch (error) {
    throw error instanceof FunctionError ? withRan(error, "yes") : error;
  }
}

/** A damaged picture is the provider's fault here, not the customer's. */
async function inspectResult(bytes: Buffer, tools: FunctionTools) {
  try {
    const name = "The finished image";
    return await inspectPicture(bytes, { name, timeoutMs: tools.remainingMs() });
  } catch (error) {
    if (!(error instanceof FunctionError) || error.code === "PROVIDER_TIMEOUT") throw error;
    throw new FunctionError("PROVIDER_ANSWER_INVALID", error.message);
  }
}
