import type { ImageGeneratorResult } from "../function-schemas/image-generator.ts";
import { checkImages, type CheckedImage } from "./check-content.ts";
import { failureError } from "../invocation/function-client.ts";
import { codeOfFailure, isWorthAnotherAttempt } from "../model/errors.ts";
import { findImageModel } from "../model/image-models.ts";
import type { DoneOtherwise } from "../model/step-results.ts";
import type { StepWrite } from "../ports/task-store.ts";
import type { ImageOptions } from "../model/task-inputs.ts";
import {
  awaitInDoubtCalls,
  commitPaidCalls,
  didOtherwise,
  errorOfPaidCall,
  forgetPaidCalls,
  logSwitches,
  inDoubtCalls,
  notedIn,
  paidCallOptions,
  type BeforeCall,
} from "./paid-call.ts";
import { missedWrite, pendingIndexes, saveSteps, type TaskRun } from "./task-run.ts";

export type ImageRequest = {
  readonly model: string;
  readonly prompt: string;
  /** Whether the customer chose the model. */
  readonly isModelChosen: boolean;
  /** Object keys of the photos that are sent along. */
  readonly references: readonly string[];
  readonly options: ImageOptions;
};

type PendingImage = { readonly step: "generate"; readonly index: number; readonly key: string };

/**
 * Has the images made. What is final is stored at once, image by image; what is worth another attempt is thrown
 * after that, so that the next attempt asks only for what is missing.
 */
export async function generateImages(run: TaskRun, request: ImageRequest): Promise<void> {
  const { n } = request.options;
  const lost = inDoubtCalls(run, pendingImages(run, n));
  if (lost.length > 0) {
    await awaitInDoubtCalls(run, lost, (found) =>
      callFor(run, { ...request, pending: found as readonly PendingImage[] }),
    );
  }
  const pending = pendingImages(run, n);
  if (pending.length === 0) return;
  await callFor(run, { ...request, pending }, (failed) => commitPaidCalls(run, pending, failed));
}

function pendingImages(run: TaskRun, n: number): PendingImage[] {
  return pendingIndexes(run, "generate", n).map((index) => ({
    step: "generate",
    index,
    key: `t/${run.task.id}/generate-${index}.jpg`,
  }));
}

type ImageCall = ImageRequest & { readonly pending: readonly PendingImage[] };

async function callFor(run: TaskRun, call: ImageCall, beforeCall?: BeforeCall): Promise<void> {
  const startedMs = run.deps.clock.monotonicMs();
  const { images, switches } = await invoke(run, call, beforeCall);
  logSwitches(run, "image-generator", switches);
  const durationMs = Math.round(run.deps.clock.monotonicMs() - startedMs);
  const answered = images.filter(({ index }) =>
    call.pending.some((image) => image.index === index),
  );
  const checked = await checkImages(run, answered);
  await saveSteps(
    run,
    checked.images.flatMap((image) => writesOf(run, image, { call, switches, durationMs })),
  );
  const missed = answered.filter((image) => !image.ok);
  const again = missed.filter(({ failure }) => isWorthAnotherAttempt(failure));
  for (const { index, failure } of again) {
    if (failure.ran !== "unknown")
      await forgetPaidCalls(run, [{ step: "generate", index }], failure.ran);
  }
  const first = again[0];
  if (first !== undefined) throw failureError("image-generator", first.failure);
  // These calls stay in doubt: another attempt finds the pictures that were paid for, and checks them then.
  if (checked.failure !== null) throw checked.failure;
}

async function invoke(
  run: TaskRun,
  { model, prompt, references, options, pending }: ImageCall,
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
        images: pending.map(({ index, key }) => ({ index, key })),
      },
      paidCallOptions(run, 0, beforeCall),
    );
  } catch (thrown) {
    throw await errorOfPaidCall(run, pending, thrown);
  }
}

type Answered = {
  readonly call: ImageCall;
  readonly switches: Switches;
  readonly durationMs: number;
};

function writesOf(
  run: TaskRun,
  image: CheckedImage,
  { call, switches, durationMs }: Answered,
): StepWrite[] {
  const common = { step: "generate", index: image.index, durationMs } as const;
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
    const { doubt = null } = image;
    const noted = doubt === null ? {} : { doubt };
    const result = { ...record, ...noted, ...imageOtherwise(image, call, switches) };
    return [{ ...common, state: "done", priceCredits, result, image: record }];
  }
  if (isWorthAnotherAttempt(image.failure)) return [];
  const { code, message } = image.failure;
  return [missedWrite(common, { code: codeOfFailure(code), message })];
}

type MadeImage = Extract<CheckedImage, { ok: true }>;
type Switches = ImageGeneratorResult["switches"];

/**
 * What an image says when another provider made it than should have, or another model than its customer chose, since
 * its maker, first of the order, does not have that one.
 */
function imageOtherwise(image: MadeImage, call: ImageCall, switches: Switches): DoneOtherwise {
  const own = switches.filter(({ index }) => index === image.index);
  const facts = [...modelWords(image, call), ...(own.length > 0 ? sizeWords(image, call) : [])];
  if (own.length === 0) {
    return notedIn(facts.length === 0 ? [] : [didOtherwise("MODEL_REPLACED", facts.join(", "))]);
  }
  return notedIn(
    own.map(({ from, code, to }) =>
      didOtherwise(
        codeOfFailure(code),
        [`images by ${to} instead of ${from}`, ...facts].join(", "),
      ),
    ),
  );
}

function modelWords(image: MadeImage, { model, isModelChosen }: ImageCall): string[] {
  if (!isModelChosen || image.model === undefined) return [];
  const canonical = (id: string) => findImageModel(id)?.id ?? id;
  if (canonical(image.model) === canonical(model)) return [];
  return [`by its model ${image.model} instead of ${model}`];
}

/** Post-processing brings it to the size that was asked for; from a smaller one that shows. */
function sizeWords({ width, height }: MadeImage, { options }: ImageCall): string[] {
  const made = `${width}x${height}`;
  return made === options.size ? [] : [`made at ${made}`];
}

/** One image of a task has one id, however often it is written. */
function imageId(taskId: string, index: number): string {
  return `${taskId.replace(/^task_/, "img_")}${index.toString().padStart(2, "0")}`;
}
