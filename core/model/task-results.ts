import type { Garment } from "../function-schemas/prompt-generator.ts";
import type { ImageVariant } from "../function-schemas/image-processor.ts";
import { DELIVERING_STEP } from "./step-plan.ts";
import {
  findStep,
  type DegradedResult,
  type MissedResult,
  type PreprocessedPhoto,
  type PromptPair,
  type StepProgress,
} from "./step-results.ts";
import type { Degradation } from "./task-events.ts";
import type { Task } from "./task.ts";

type Stored = Pick<Task, "steps">;

export type TaskPrompt = PromptPair & {
  /** What the model saw of the garment; null for a prompt from the template. */
  readonly garment: Garment | null;
  readonly avoid: readonly string[];
};

/** The prompt to work with, written or from the template; null while there is none. */
export function promptOf({ steps }: Stored): TaskPrompt | null {
  const record = findStep(steps, "prompt");
  if (record === undefined || record.state === "asked" || record.state === "missed") return null;
  const { promptZh, promptEn } = record.result;
  if (record.state === "degraded") return { promptZh, promptEn, garment: null, avoid: [] };
  const { garment = null, avoid = [] } = record.result;
  return { promptZh, promptEn, garment, avoid };
}

export type ProcessedPhoto = PreprocessedPhoto & {
  readonly index: number;
  readonly variants: readonly ImageVariant[];
};

/** The photos that are done, in the order in which they were given. */
export function processedPhotos({ steps }: Stored): ProcessedPhoto[] {
  return steps
    .flatMap((record) => {
      if (record.step !== "preprocess" || record.state !== "done") return [];
      const { variants = [] } = record.result;
      return [{ ...record.result, index: record.index, variants }];
    })
    .sort((a, b) => a.index - b.index);
}

/** The promised results that were refused for good, in order, each with its reason. */
export function missedResults({
  type,
  steps,
}: Pick<Task, "type" | "steps">): (MissedResult & { readonly index: number })[] {
  return steps
    .flatMap((record) => {
      if (record.state !== "missed" || record.step !== DELIVERING_STEP[type]) return [];
      const { code, message, pointer } = record.result;
      const at = pointer === undefined ? {} : { pointer };
      return [{ index: record.index, code, message, ...at }];
    })
    .sort((a, b) => a.index - b.index);
}

/** Where a task did with less than it should have had, or with somebody else's work. */
export function degradationsOf({ steps }: Stored): Degradation[] {
  return steps.flatMap(degradationsOfStep);
}

export function degradationsOfStep(record: StepProgress & { readonly index: number }) {
  const { step, index } = record;
  return degradedResultsOf(record).map(
    // Only these: beside them stands what was used instead.
    ({ reason, usedInstead, creditsReturned }): Degradation => ({
      step,
      index,
      reason,
      usedInstead,
      creditsReturned,
    }),
  );
}

function degradedResultsOf(record: StepProgress): readonly DegradedResult[] {
  if (record.state === "degraded") return [record.result];
  if (record.state !== "done") return [];
  return record.step === "prompt" || record.step === "generate"
    ? (record.result.degradations ?? [])
    : [];
}
