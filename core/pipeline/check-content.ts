import type { GeneratedImage } from "../function-schemas/image-generator.ts";
import { asDrapeError, DrapeError } from "../model/errors.ts";
import { garmentSaid } from "../model/named-presets.ts";
import { CONTENT_LIMITS } from "../ports/content-check.ts";
import type { Passed } from "../moderation/moderate-content.ts";
import type { TaskRequest } from "../model/task.ts";
import type { TaskRun } from "./task-run.ts";

// Without a content check each of these does nothing and calls nobody. No verdict has a step of its own: it stands
// before the checkpoint of what it is about, so that what is stored has been let through.

/** The customer's own words, before anything is done. */
export async function checkRequest(run: TaskRun): Promise<void> {
  const moderation = run.deps.moderation;
  if (moderation === null) return;
  const { id: taskId } = run.task;
  for (const { what, text } of wordsOf(run.task)) {
    await moderation.words(text, { taskId, what }, run.signal);
  }
}

type Words = { readonly what: string; readonly text: string };

function wordsOf(request: TaskRequest): readonly Words[] {
  switch (request.type) {
    case "GENERATE_ONLY":
      return [{ what: "the prompt", text: request.input.prompt }];
    case "PROMPT_ONLY": {
      const said = garmentSaid(request.input.clothingType);
      return said === undefined ? [] : [{ what: "the clothing type", text: said }];
    }
    case "PREPROCESS_ONLY": {
      const { watermark } = request.input.options;
      const text = typeof watermark === "string" ? watermark : watermark?.text;
      return text === undefined ? [] : [{ what: "the watermark", text }];
    }
    case "FULL_GENERATION":
      return []; // scene and style are our own words
    default:
      return request satisfies never;
  }
}

/** A photo that has been imported, before it is stored as such. */
export function checkPhoto(
  run: TaskRun,
  index: number,
  { key, bytes }: { readonly key: string; readonly bytes: number },
): Promise<Passed> {
  return checkPicture(run, { key, bytes, what: `photo ${index + 1}` });
}

export type CheckedImages = {
  /** Those that may be delivered as they are, and those that may not as missed ones. */
  readonly images: readonly CheckedImage[];
  /** Why others could not be checked; they are there, and are checked by another attempt. */
  readonly failure: DrapeError | null;
};
export type CheckedImage = GeneratedImage & Partial<Passed>;

/** Generated images, before they are stored as done: what is stored is shown, charged and delivered. */
export async function checkImages(
  run: TaskRun,
  images: readonly GeneratedImage[],
): Promise<CheckedImages> {
  const outcomes = await Promise.all(images.map((image) => checkImage(run, image)));
  return {
    images: outcomes.flatMap((outcome) => (outcome instanceof DrapeError ? [] : [outcome])),
    failure: outcomes.find((outcome) => outcome instanceof DrapeError) ?? null,
  };
}

async function checkImage(run: TaskRun, image: GeneratedImage): Promise<CheckedImage | DrapeError> {
  if (!image.ok) return image;
  const { index, key, bytes } = image;
  const what = `image ${index + 1}`;
  try {
    return { ...image, ...(await checkPicture(run, { key, bytes, what })) };
  } catch (thrown) {
    const error = asDrapeError(thrown);
    if (error.code !== "CONTENT_REJECTED" && error.code !== "IMAGE_UNREADABLE") return error;
    const { code, message } = error;
    return { ok: false, index, failure: { code, message, ran: "yes" } };
  }
}

type Picture = {
  readonly key: string;
  readonly bytes: number;
  /** For people. */
  readonly what: string;
};

/** A picture of ours, whatever it is; its key stands for its content. */
export async function checkPicture(run: TaskRun, { key, bytes, what }: Picture): Promise<Passed> {
  const moderation = run.deps.moderation;
  if (moderation === null) return { doubt: null };
  const seen = bytes <= CONTENT_LIMITS.pictureBytesMax ? key : await copySmaller(run, key);
  return moderation.picture(seen, { taskId: run.task.id, what }, run.signal);
}

/**
 * The service refuses large files; what it looks for can be seen in a smaller one. A copy that exists is given back, so
 * it is named by what it is a copy of.
 */
async function copySmaller(run: TaskRun, from: string): Promise<string> {
  const made = await run.deps.invoker.invoke(
    "ai-image-processor",
    {
      action: "preprocess",
      from,
      to: `${from}-check.jpg`,
      operations: {
        resize: { width: 1536, height: 1536, mode: "inside" },
        format: "jpeg",
        quality: 85,
      },
    },
    { signal: run.signal, repeatable: true, circuitPatienceMs: 0 },
  );
  return made.key;
}
