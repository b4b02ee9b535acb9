import { isFinished, STEP_NAMES, type StepName } from "./step-results.ts";
import type { Task, TaskRequest } from "./task.ts";
import type { TaskType } from "./task-inputs.ts";

/** The step whose results are what the customer pays for: without any of them a task has failed and is free. */
export const DELIVERING_STEP = {
  FULL_GENERATION: "generate",
  PREPROCESS_ONLY: "preprocess",
  PROMPT_ONLY: "prompt",
  GENERATE_ONLY: "generate",
} as const satisfies Record<TaskType, StepName>;

/** How many times each step of a task runs. */
export function plannedCounts(request: TaskRequest): Record<StepName, number> {
  const none = { import: 0, preprocess: 0, prompt: 0, generate: 0, postprocess: 0 };
  switch (request.type) {
    case "FULL_GENERATION": {
      const photos = request.input.clothingImages.length;
      const { n } = request.input.options;
      return { import: photos, preprocess: photos, prompt: 1, generate: n, postprocess: n };
    }
    case "PREPROCESS_ONLY": {
      const photos = request.input.images.length;
      return { ...none, import: photos, preprocess: photos };
    }
    case "PROMPT_ONLY":
      return { ...none, import: 1, prompt: 1 };
    case "GENERATE_ONLY": {
      const { n } = request.input.options;
      const references = request.input.referenceImages?.length ?? 0;
      return { ...none, import: references, generate: n, postprocess: n };
    }
    default:
      return request satisfies never;
  }
}

/** How many results were asked for. */
export function promisedCount(request: TaskRequest): number {
  return plannedCounts(request)[DELIVERING_STEP[request.type]];
}

export function stepsTotal(request: TaskRequest): number {
  return Object.values(plannedCounts(request)).reduce((sum, count) => sum + count, 0);
}

export function stepsDone(task: Pick<Task, "steps">): number {
  return task.steps.filter(isFinished).length;
}

/** Share of the whole time that each step usually takes in a task that has them all. */
const STEP_WEIGHTS: Record<StepName, number> = {
  import: 5,
  preprocess: 10,
  prompt: 15,
  generate: 60,
  postprocess: 10,
};

/** 0 to 100, growing only; 100 is for a task that has delivered, and one that did not stays where it ended. */
export function progressPercent(task: TaskRequest & Pick<Task, "steps" | "status">): number {
  if (task.status === "succeeded" || task.status === "partial") return 100;
  const counts = plannedCounts(task);
  let [all, done] = [0, 0];
  for (const step of STEP_NAMES) {
    if (counts[step] === 0) continue;
    const finished = task.steps.filter((record) => record.step === step && isFinished(record));
    all += STEP_WEIGHTS[step];
    done += STEP_WEIGHTS[step] * (finished.length / counts[step]);
  }
  return Math.min(99, Math.floor((100 * done) / all));
}
