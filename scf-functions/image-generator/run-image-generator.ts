import type {
  GeneratedImage,
  ImageGeneratorResult,
} from "../../core/function-schemas/image-generator.ts";
import type { FunctionTools } from "../shared/define-function.ts";
import { once } from "../shared/environment.ts";
import { FunctionError, toFailure } from "../shared/function-error.ts";
import type { FunctionStore } from "../shared/object-store.ts";
import { readPictureHeader } from "../shared/picture.ts";
import { generatePicture, type Switch, switchesOf } from "./generate-picture.ts";
import type { ImageEvent, ImageProvider } from "./image-provider.ts";
import { readReferencePictures } from "./reference-pictures.ts";

type TargetImage = ImageEvent["images"][number];
type MadeImage = Extract<GeneratedImage, { ok: true }>;
type Usage = ImageGeneratorResult["usage"];

export type ImageGeneratorDeps = {
  readonly store: FunctionStore;
  /** In the order in which they are asked; at least one. */
  readonly providers: readonly ImageProvider[];
};

const PICTURE_BYTES_MAX = 30_000_000;
const NO_USAGE: Usage = { generatedImages: 0, outputTokens: 0 };
const NOTES_MAX = 10;

/**
 * Makes every picture whose key does not exist yet, all at once, each request for exactly one picture; each
 * is copied to its key as soon as it arrives and fails alone. Asking again with the same keys therefore
 * generates only what is missing. An unforeseen error is thrown after the other pictures are safe.
 */
export async function runImageGenerator(
  deps: ImageGeneratorDeps,
  event: ImageEvent,
  tools: FunctionTools,
): Promise<ImageGeneratorResult> {
  const references = once(() => readReferencePictures(deps.store, event.referenceKeys, tools));
  const providers = deps.providers.map((provider) => ({
    name: provider.name,
    prepare: once(() => provider.prepare(event, references)),
  }));
  let usage = NO_USAGE;
  const switches: Switch[] = [];
  const generating = {
    store: deps.store,
    providers,
    onSwitches: (more: readonly Switch[]) => void switches.push(...more),
    spend(more: Usage) {
      usage = {
        generatedImages: usage.generatedImages + more.generatedImages,
        outputTokens: usage.outputTokens + more.outputTokens,
      };
    },
  };

  const settled = await Promise.allSettled(
    event.images.map(async (target): Promise<GeneratedImage> => {
      try {
        const existing = await describeExisting(deps.store, target, tools);
        if (existing === null) return await generatePicture(generating, target, tools);
        generating.onSwitches(existing.switches);
        return existing.image;
      } catch (error) {
        if (!(error instanceof FunctionError)) throw error;
        return { ok: false, index: target.index, failure: toFailure(error) };
      }
    }),
  );
  const images = settled.map((outcome) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
  return { images, usage, notes: notesOf(deps.providers, event, images), switches };
}

type Existing = { readonly image: MadeImage; readonly switches: readonly Switch[] };

async function describeExisting(
  store: FunctionStore,
  target: TargetImage,
  tools: FunctionTools,
): Promise<Existing | null> {
  if ((await store.head(target.key, tools.signal)) === null) return null;
  const made = await store.get(target.key, PICTURE_BYTES_MAX, tools.signal);
  if (made === null) return null;
  const naming = { name: target.key, timeoutMs: tools.remainingMs() };
  const facts = await readPictureHeader(made.body, naming);
  const bytes = made.body.byteLength;
  // What an older function wrote does not always say who made it: Ark was the only one then.
  const provider = made.provider ?? "ark";
  const model = made.model === undefined ? {} : { model: made.model };
  const image = { ok: true, ...target, ...facts, bytes, provider, ...model } as const;
  return { image, switches: switchesOf(target.index, made.insteadOf) };
}

/** Of the providers that made something; of the first when none did. */
function notesOf(
  providers: readonly ImageProvider[],
  event: ImageEvent,
  images: readonly GeneratedImage[],
): string[] {
  const makers = new Set(images.flatMap((image) => (image.ok ? [image.provider] : [])));
  const sources = providers.filter(({ name }, at) => at === 0 || makers.has(name));
  return sources.flatMap((provider) => provider.notes(event)).slice(0, NOTES_MAX);
}
