import { isFinished, type StepName, type Task } from "./task.ts";
import type { Degradation } from "./task-events.ts";
import { z } from "zod";

type Planned = Pick<Task, "input" | "steps">;

/** How many times each step of a full generation runs. */
export function plannedCounts(task: Pick<Task, "input">): Record<StepName, number> {
  const photos = task.input.clothingImages.length;
  const images = task.input.options.n;
  return { import: photos, preprocess: photos, prompt: 1, generate: images, postprocess: images };
}

export function stepsTotal(task: Pick<Task, "input">): number {
  return Object.values(plannedCounts(task)).reduce((sum, count) => sum + count, 0);
}

export function stepsDone(task: Planned): number {
  return task.steps.filter(isFinished).length;
}

/** Share of the whole time that each step usually takes, in percent. */
const STEP_WEIGHTS = {
  import: 5,
  preprocess: 10,
  prompt: 15,
  generate: 60,
  postprocess: 10,
} as const;

/** 0 to 100, growing only; 100 is for a task that has ended. */
export function progressPercent(task: Planned & Pick<Task, "settled">): number {
  if (task.settled !== null) return 100;
  const counts = plannedCounts(task);
  let percent = 0;
  for (const [step, weight] of Object.entries(STEP_WEIGHTS)) {
    const finished = task.steps.filter(
      (record) => record.step === step && isFinished(record),
    ).length;
    percent += weight * (finished / Math.max(1, counts[step as StepName]));
  }
  return Math.min(99, Math.floor(percent));
}

/** What a degraded step stores as its result. */
export const degradedResultSchema = z.object({
  reason: z.string(),
  usedInstead: z.string(),
  creditsReturned: z.number(),
});

export function degradationsOf(task: Pick<Task, "steps">): Degradation[] {
  return task.steps
    .filter((record) => record.state === "degraded")
    .map((record) => ({
      step: record.step,
      index: record.index,
      ...degradedResultSchema.parse(record.result),
    }));
}
