import { findImageModel } from "../model/image-models.ts";
import type { FullGenerationInput, GenerateInput, PromptInput } from "../model/task-inputs.ts";
import { promptOf } from "../model/task-results.ts";
import { checkRequest } from "./check-content.ts";
import { generateImage, type ImageRequest } from "./generate-images.ts";
import { importReferences, importSources, originalOf } from "./import-sources.ts";
import { postprocessImage } from "./postprocess-images.ts";
import { preprocessOnly } from "./preprocess-only.ts";
import { preparedPhoto, preprocessPhotos } from "./preprocess-photos.ts";
import { differentPhotos } from "./same-photos.ts";
import { allOrWorst, type TaskRun } from "./task-run.ts";
import { writePrompt } from "./write-prompt.ts";

/** How many photos the prompt's model looks at. */
const SEEN_MAX = 4;

/** What is missing of a task, by its type. Each stage skips what an earlier attempt has stored. */
export async function runPipeline(run: TaskRun): Promise<void> {
  await checkRequest(run);
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

/** Photos in, pictures out. */
async function fullGeneration(run: TaskRun, input: FullGenerationInput): Promise<void> {
  await importReferences(run);
  await preprocessPhotos(run);
  const photos = differentPhotos(run).map((index) => preparedPhoto(run, index).key);
  const { sceneType, stylePreference, options } = input;
  await writePrompt(run, {
    photos: photos.slice(0, SEEN_MAX),
    sceneType,
    stylePreference,
    orTemplate: true,
  });
  const prompt = promptOf(run);
  if (prompt === null) throw new Error(`task ${run.task.id} has no prompt to generate from`);
  await makeImages(run, {
    model: run.deps.settings.imageModel,
    isModelChosen: false,
    prompt: prompt.promptZh,
    references: photos,
    options,
  });
}

/** A photo in, a prompt out. A template would be no answer: without the model the task waits, or fails. */
async function promptOnly(run: TaskRun, input: PromptInput): Promise<void> {
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

/** A prompt of the customer's own in, pictures out; reference photos are sent along as they came. */
async function generateOnly(run: TaskRun, input: GenerateInput): Promise<void> {
  await importReferences(run);
  const { prompt, options, modelConfig } = input;
  const model = modelConfig?.model ?? run.deps.settings.imageModel;
  await makeImages(run, {
    // As the provider writes it.
    model: findImageModel(model)?.id ?? model,
    isModelChosen: modelConfig !== undefined,
    prompt,
    references: differentPhotos(run).map((index) => originalOf(run, index).key),
    options,
  });
}

/** Each image by itself, so that it is told and shown when it lands, whatever becomes of the others. */
async function makeImages(run: TaskRun, request: ImageRequest): Promise<void> {
  const logged = new Set<string>();
  const { n, size } = request.options;
  const makeOne = async (index: number) => {
    await generateImage(run, { ...request, logged }, index);
    // What was made is delivered well even when the rest has to wait for another attempt.
    if (!run.signal.aborted) await postprocessImage(run, index, size);
  };
  await allOrWorst(Array.from({ length: n }, (_, index) => makeOne(index)));
}
