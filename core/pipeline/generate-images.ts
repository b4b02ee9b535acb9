import type { ImageGeneratorResult } from "../function-schemas/image-generator.ts";
import { checkImages, type CheckedImage } from "./check-content.ts";
import { codeOfFailure, isWorthAnotherAttempt } from "../model/errors.ts";
import { failureError } from "../invocation/function-client.ts";
import type { StepWrite } from "../ports/store.ts";
import type { ImageOptions } from "../model/task-inputs.ts";
import { awaitLostAnswers, lostAnswers } from "./lost-answers.ts";
import {
  commitAsks,
  errorOfPaidCall,
  forgetAsks,
  paidCallOptions,
  type BeforeCall,
} from "./paid-call.ts";
import { imageOtherwise, logSwitches } from "./provider-switches.ts";
import { missedWrite, pendingIndexes, saveSteps, type TaskRun } from "./task-run.ts";

export type ImageWish = {
  readonly model: string;
  readonly prompt: string;
  /** Whether the customer chose the model. */
  readonly isModelChosen: boolean;
  /** Object keys of the photos that are sent along. */
  readonly references: readonly string[];
  readonly options: ImageOptions;
};

type Place = { readonly step: "generate"; readonly index: number; readonly key: string };

/**
 * Has the images made. What is final is stored at once, image by image; what is worth another attempt is thrown
 * after that, so that the next attempt asks only for what is missing.
 */
export async function generateImages(run: TaskRun, wish: ImageWish): Promise<void> {
  const { n } = wish.options;
  const lost = lostAnswers(run, pendingPlaces(run, n));
  if (lost.length > 0) {
    await awaitLostAnswers(run, lost, (found) =>
      askFor(run, { ...wish, places: found as readonly Place[] }),
    );
  }
  const places = pendingPlaces(run, n);
  if (places.length === 0) return;
  await askFor(run, { ...wish, places }, (failed) => commitAsks(run, places, failed));
}

function pendingPlaces(run: TaskRun, n: number): Place[] {
  return pendingIndexes(run, "generate", n).map((index) => ({
    step: "generate",
    index,
    key: `t/${run.task.id}/generate-${index}.jpg`,
  }));
}

type Ask = ImageWish & { readonly places: readonly Place[] };

async function askFor(run: TaskRun, ask: Ask, beforeCall?: BeforeCall): Promise<void> {
  const startedMs = run.deps.clock.monotonicMs();
  const { images, switches } = await invoke(run, ask, beforeCall);
  logSwitches(run, "image-generator", switches);
  const durationMs = Math.round(run.deps.clock.monotonicMs() - startedMs);
  const answered = images.filter(({ index }) => ask.places.some((place) => place.index === index));
  const checked = await checkImages(run, answered);
  await saveSteps(
    run,
    checked.images.flatMap((image) => writesOf(run, image, { ask, switches, durationMs })),
  );
  const missed = answered.filter((image) => !image.ok);
  const again = missed.filter(({ failure }) => isWorthAnotherAttempt(failure));
  for (const { index, failure } of again) {
    if (failure.ran !== "unknown")
      await forgetAsks(run, [{ step: "generate", index }], failure.ran);
  }
  const first = again[0];
  if (first !== undefined) throw failureError("image-generator", first.failure);
  // Their asks stand as unanswered: another attempt finds the pictures that were bought, and checks them then.
  if (checked.failure !== null) throw checked.failure;
}

async function invoke(
  run: TaskRun,
  { model, prompt, references, options, places }: Ask,
  beforeCall: BeforeCall,
): Promise<ImageGeneratorResult> {
  try {
    return await run.deps.invoker.invoke(
      "image-generator",
      {
        model,
        prompt,
        size: options.size,
        optimizeMode: options.quality,
        referenceKeys: [...references],
        images: places.map(({ index, key }) => ({ index, key })),
      },
      paidCallOptions(run, 0, beforeCall),
    );
  } catch (thrown) {
    throw await errorOfPaidCall(run, places, thrown);
  }
}

type Answered = {
  readonly ask: Ask;
  readonly switches: ImageGeneratorResult["switches"];
  readonly durationMs: number;
};

function writesOf(
  run: TaskRun,
  image: CheckedImage,
  { ask, switches, durationMs }: Answered,
): StepWrite[] {
  const place = { step: "generate", index: image.index, durationMs } as const;
  if (image.ok) {
    const { index, key, width, height, bytes, format, provider } = image;
    const record = {
      id: imageId(run.task.id, index),
      index,
      key,
      width,
      height,
      bytes,
      format,
      provider,
    };
    const priceCredits = run.task.prices.image;
    const asked = { ...ask, size: ask.options.size };
    const { doubt = null } = image;
    const noted = doubt === null ? {} : { doubt };
    const result = { ...record, ...noted, ...imageOtherwise(image, switches, asked) };
    return [{ ...place, state: "done", priceCredits, result, image: record }];
  }
  if (isWorthAnotherAttempt(image.failure)) return [];
  const { code, message } = image.failure;
  return [missedWrite(place, { code: codeOfFailure(code), message })];
}

/** One image of a task has one id, however often it is written. */
function imageId(taskId: string, index: number): string {
  return `${taskId.replace(/^task_/, "img_")}${index.toString().padStart(2, "0")}`;
}
