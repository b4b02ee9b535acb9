import type { ImageGeneratorResult } from "../function-schemas/image-generator.ts";
import { checkImages, type CheckedImage } from "./check-content.ts";
import { asDrapeError, codeOfFailure, DrapeError } from "../model/errors.ts";
import { findImageModel } from "../model/image-models.ts";
import { isFinished, type DoneOtherwise } from "../model/step-results.ts";
import type { StepWrite } from "../ports/task-store.ts";
import type { ImageOptions } from "../model/task-inputs.ts";
import {
  awaitInDoubtCalls,
  spentResult,
  commitPaidCalls,
  didOtherwise,
  errorOfPaidCall,
  logSwitches,
  inDoubtCalls,
  isSpent,
  notedIn,
  paidCallOptions,
  refreshStep,
  unusableAnswer,
  type BeforeCall,
} from "./paid-call.ts";
import { missedWrite, saveSteps, stepOf, type TaskRun } from "./task-run.ts";

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

type ImageCall = ImageRequest & {
  readonly image: PendingImage;
  /** Reasons of switched providers that the operator has been told of in this attempt. */
  readonly logged: Set<string>;
};

/**
 * Has one image made, by a paid call of its own, and stores what is final: the image, or that it is missed. What is
 * worth another attempt is thrown; the next attempt asks only for what is missing.
 */
export async function generateImage(
  run: TaskRun,
  request: ImageRequest & Pick<ImageCall, "logged">,
  index: number,
): Promise<void> {
  const image = { step: "generate", index, key: `t/${run.task.id}/generate-${index}.jpg` } as const;
  const record = stepOf(run, "generate", index);
  if (isFinished(record)) return;
  const call = { ...request, image };
  if (inDoubtCalls(run, [image]).length > 0) {
    await awaitInDoubtCalls(run, [image], () => callFor(run, call));
    if (isFinished(stepOf(run, "generate", index))) return;
  }
  if (isSpent(record)) return miss(run, image, { ...unusableAnswer(), durationMs: 0 });
  try {
    await callFor(run, call, (failed) => commitPaidCalls(run, [image], failed));
  } catch (thrown) {
    run.signal.throwIfAborted();
    const error = asDrapeError(thrown);
    if (error.ran !== "unknown" || error.code === "INTERNAL") throw error;
    // Looked for at once: often it is there, and only its answer was lost. The others go on meanwhile.
    await refreshStep(run, image);
    await awaitInDoubtCalls(run, [image], () => callFor(run, call));
    if (!isFinished(stepOf(run, "generate", index))) throw error;
  }
}

async function callFor(run: TaskRun, call: ImageCall, beforeCall?: BeforeCall): Promise<void> {
  const { image, logged } = call;
  const startedMs = run.deps.clock.monotonicMs();
  const durationMs = () => Math.round(run.deps.clock.monotonicMs() - startedMs);
  const answer = await invoke(run, call, beforeCall).catch(async (thrown: unknown) => {
    const error = await errorOfPaidCall(run, [image], thrown);
    if (error.ran !== "yes" || !isSpent(await refreshStep(run, image))) throw error;
    const { code, message } = error;
    await miss(run, image, { code, message, durationMs: durationMs() });
    return null;
  });
  if (answer === null) return;
  const { images, switches } = answer;
  logSwitches(run, "image-generator", switches, logged);
  const answered = images.filter(({ index }) => index === image.index);
  if (answered.length === 0) {
    // Nobody knows what became of it: it stays in doubt.
    const message = "The answer of image-generator tells nothing of the image.";
    throw new DrapeError("FUNCTION_ANSWER_INVALID", message, { ran: "unknown" });
  }
  const checked = await checkImages(run, answered);
  const said = { call, switches, durationMs: durationMs() };
  await saveSteps(
    run,
    checked.images.flatMap((one) => writesOf(run, one, said)),
  );
  // This call stays in doubt: another attempt finds the picture that was paid for, and checks it then.
  if (checked.failure !== null) throw checked.failure;
}

type InVain = Pick<DrapeError, "code" | "message"> & { readonly durationMs: number };

function miss(run: TaskRun, { index }: PendingImage, { durationMs, ...failure }: InVain) {
  const common = { step: "generate", index, durationMs } as const;
  return saveSteps(run, [missedWrite(common, spentResult(failure))]);
}

/** What fails for now is thrown by the invoker; an image that did not come is final. */
async function invoke(
  run: TaskRun,
  { model, prompt, references, options, image }: ImageCall,
  beforeCall: BeforeCall,
): Promise<ImageGeneratorResult> {
  const { index, key } = image;
  return run.deps.invoker.invoke(
    "image-generator",
    {
      model,
      prompt,
      size: options.size,
      optimizeMode: options.quality,
      referenceKeys: [...references],
      images: [{ index, key }],
    },
    paidCallOptions(run, 0, beforeCall),
  );
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
