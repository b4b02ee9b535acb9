import { generateImages } from "./generate-images.ts";
import { importSources } from "./import-sources.ts";
import { postprocessImages } from "./postprocess-images.ts";
import { preprocessPhotos } from "./preprocess-photos.ts";
import type { TaskRun } from "./task-run.ts";
import { writePrompt } from "./write-prompt.ts";

/** Photos in, pictures out. Each stage skips what an earlier attempt has stored. */
export async function fullGeneration(run: TaskRun): Promise<void> {
  await importSources(run);
  await preprocessPhotos(run);
  await writePrompt(run);
  try {
    await generateImages(run);
  } finally {
    // What was made is delivered well even when the rest has to wait for another attempt.
    if (!run.signal.aborted) await postprocessImages(run);
  }
}
