import type { ObjectStore } from "../core/ports/cloud.ts";
import { plannedCounts, progressPercent, stepsDone, stepsTotal } from "../core/model/step-plan.ts";
import {
  isFinished,
  STEP_NAMES,
  type ImageRecord,
  type StepName,
} from "../core/model/step-results.ts";
import {
  degradationsOf,
  missedResults,
  processedPhotos,
  promptOf,
  type ProcessedPhoto,
  type TaskPrompt,
} from "../core/model/task-results.ts";
import type { QueuePosition } from "../core/queue/queue-position.ts";
import { isTerminal, type Task } from "../core/model/task.ts";
import { isoTime } from "./iso-time.ts";

type Presenting = {
  readonly objects: Pick<ObjectStore, "signedGetUrl">;
  readonly nowMs: number;
  /** Where a waiting task stands; left out where nobody looked, as in the stored answer of a create. */
  readonly queuePosition?: QueuePosition | undefined;
};

/** A task as the wire has it. */
export function presentTask(task: Task, presenting: Presenting) {
  const self = `/api/v1/ai-generation/tasks/${task.id}`;
  return {
    id: task.id,
    type: task.type,
    status: task.status,
    priority: task.priority,
    createdAt: isoTime(task.createdAtMs),
    startedAt: isoTime(task.startedAtMs),
    finishedAt: isoTime(task.finishedAtMs),
    expiresAt: isoTime(task.expiresAtMs),
    progress: {
      percent: progressPercent(task),
      step: currentStep(task),
      stepsDone: stepsDone(task),
      stepsTotal: stepsTotal(task),
      waitingFor: waitingFor(task),
    },
    queue: presenting.queuePosition ?? null,
    input: task.input,
    result: presentResult(task, presenting),
    degradations: degradationsOf(task),
    cost: {
      held: task.heldCredits,
      charged: task.settled?.postedCredits ?? 0,
      refunded: task.settled?.releasedCredits ?? 0,
    },
    attempts: attemptsBegun(task),
    error: task.error,
    urls: { self, events: `${self}/events`, cancel: self },
    metadata: task.metadata,
  };
}

/** How many attempts have begun, as `task.started` counts them; one that spent nothing is begun once more. */
function attemptsBegun({ status, attempts, startedAtMs }: Task): number {
  return startedAtMs === null || status === "queued" ? attempts : attempts + 1;
}

export function presentImage(image: ImageRecord, { objects, nowMs }: Presenting) {
  const { id, index, key, width, height, bytes, format, provider } = image;
  return {
    id,
    index,
    url: objects.signedGetUrl(key, nowMs),
    width,
    height,
    bytes,
    format,
    variants: [],
    provider,
  };
}

/** What there is so far, and of what there will not be, why; null while there is nothing of either. */
function presentResult(task: Task, presenting: Presenting) {
  const prompt = promptOf(task);
  const photos = task.type === "PREPROCESS_ONLY" ? processedPhotos(task) : null;
  // Their prices return.
  const missed = missedResults(task);
  const found = task.images.length + (photos?.length ?? 0) + missed.length;
  if (found === 0 && prompt === null) return null;
  return {
    images: task.images.map((image) => presentImage(image, presenting)),
    prompt: prompt === null ? null : presentPrompt(prompt),
    processed: photos?.map((photo) => presentPhoto(photo, presenting)) ?? null,
    missed,
  };
}

function presentPrompt({ promptZh, promptEn, garment, avoid }: TaskPrompt) {
  return { zh: promptZh, en: promptEn, garment, avoid };
}

function presentPhoto(photo: ProcessedPhoto, { objects, nowMs }: Presenting) {
  const { index, key, width, height, bytes, format, sourceBytes, report, variants } = photo;
  const urlOf = (objectKey: string) => objects.signedGetUrl(objectKey, nowMs);
  return {
    index,
    url: urlOf(key),
    width,
    height,
    bytes,
    format,
    bytesSaved: report?.savedBytes ?? sourceBytes - bytes,
    done: report?.done ?? [],
    quality: report?.quality ?? null,
    cutOut: report?.cutOut ?? null,
    variants: variants.map(({ key: objectKey, ...facts }) => ({
      ...facts,
      url: urlOf(objectKey),
    })),
  };
}

/**
 * The paid call that is under way, or whose answer was lost and whose result is looked for, and until when at the
 * latest; of several the one that ends last. Null while there is none.
 */
function waitingFor(task: Task) {
  if (isTerminal(task.status)) return null;
  const open = task.steps.filter(({ state, askLimitMs }) => state === "asked" && askLimitMs > 0);
  const ends = open.map(({ step, index, askedAtMs, askLimitMs }) => ({
    step,
    index,
    endsAtMs: askedAtMs + askLimitMs,
  }));
  const [last] = ends.toSorted((a, b) => b.endsAtMs - a.endsAtMs || a.index - b.index);
  return last === undefined
    ? null
    : { step: last.step, index: last.index, until: isoTime(last.endsAtMs) };
}

/** The step that is under way: the first of the plan with less finished than planned. */
function currentStep(task: Task): StepName | null {
  if (isTerminal(task.status)) return null;
  const counts = plannedCounts(task);
  const planned = STEP_NAMES.filter((step) => counts[step] > 0);
  const unfinished = planned.find((step) => {
    const finished = task.steps.filter((record) => record.step === step && isFinished(record));
    return finished.length < counts[step];
  });
  return unfinished ?? null;
}
