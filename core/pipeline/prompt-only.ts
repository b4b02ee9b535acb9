import type { PromptInput } from "../model/task-inputs.ts";
import { importSources, originalOf } from "./import-sources.ts";
import type { TaskRun } from "./task-run.ts";
import { writePrompt } from "./write-prompt.ts";

/** A photo in, a prompt out. A template would be no answer: without the model the task waits, or fails. */
export async function promptOnly(run: TaskRun, input: PromptInput): Promise<void> {
  await importSources(run);
  const { clothingType, sceneType, stylePreference } = input;
  await writePrompt(run, {
    photos: [originalOf(run, 0).key],
    clothingType,
    sceneType,
    stylePreference,
    orTemplate: false,
  });
}
