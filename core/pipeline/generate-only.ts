import { findImageModel } from "../model/image-models.ts";
import type { GenerateInput } from "../model/task-inputs.ts";
import { generateImages } from "./generate-images.ts";
import { importSources, originalOf } from "./import-sources.ts";
import { postprocessImages } from "./postprocess-images.ts";
import type { TaskRun } from "./task-run.ts";

/** A prompt of the customer's own in, pictures out; reference photos are sent along as they came. */
export async function generateOnly(run: TaskRun, input: GenerateInput): Promise<void> {
  await importSources(run);
  const { prompt, options, modelConfig } = input;
  const model = modelConfig?.model ?? run.deps.settings.imageModel;
  const references = run.task.sources.map((_, index) => originalOf(run, index).key);
  try {
    await generateImages(run, {
      // As the provider writes it.
      model: findImageModel(model)?.id ?? model,
      isModelChosen: modelConfig !== undefined,
      prompt,
      references,
      options,
    });
  } finally {
    // What was made is delivered well even when the rest has to wait for another attempt.
    if (!run.signal.aborted) await postprocessImages(run, options);
  }
}
