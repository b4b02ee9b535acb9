import type { FullGenerationInput } from "../model/task-inputs.ts";
import { promptOf } from "../model/task-results.ts";
import { generateImages } from "./generate-images.ts";
import { importSources } from "./import-sources.ts";
import { postprocessImages } from "./postprocess-images.ts";
import { preparedPhoto, preprocessPhotos } from "./preprocess-photos.ts";
import type { TaskRun } from "./task-run.ts";
import { writePrompt } from "./write-prompt.ts";

/** How many photos the prompt's model looks at. */
const SEEN_MAX = 4;

/** Photos in, pictures out. */
export async function fullGeneration(run: TaskRun, input: FullGenerationInput): Promise<void> {
  await importSources(run);
  await preprocessPhotos(run);
  const photos = run.task.sources.map((_, index) => preparedPhoto(run, index).key);
  const { sceneType, stylePreference, options } = input;
  await writePrompt(run, {
    photos: photos.slice(0, SEEN_MAX),
    sceneType,
    stylePreference,
    orTemplate: true,
  });
  const prompt = promptOf(run);
  if (prompt === null) throw new Error(`task ${run.task.id} has no prompt to generate from`);
  try {
    const model = run.deps.settings.imageModel;
    await generateImages(run, {
      model,
      isModelChosen: false,
      prompt: prompt.promptZh,
      references: photos,
      options,
    });
  } finally {
    // What was made is delivered well even when the rest has to wait for another attempt.
    if (!run.signal.aborted) await postprocessImages(run, options);
  }
}
