import { checkWish } from "./check-content.ts";
import { fullGeneration } from "./full-generation.ts";
import { generateOnly } from "./generate-only.ts";
import { preprocessOnly } from "./preprocess-only.ts";
import { promptOnly } from "./prompt-only.ts";
import type { TaskRun } from "./task-run.ts";

/** What is missing of a task, by its type. Each stage skips what an earlier attempt has stored. */
export async function runPipeline(run: TaskRun): Promise<void> {
  await checkWish(run);
  const { task } = run;
  switch (task.type) {
    case "FULL_GENERATION":
      return fullGeneration(run, task.input);
    case "PREPROCESS_ONLY":
      return preprocessOnly(run, task.input);
    case "PROMPT_ONLY":
      return promptOnly(run, task.input);
    case "GENERATE_ONLY":
      return generateOnly(run, task.input);
    default:
      return task satisfies never;
  }
}
