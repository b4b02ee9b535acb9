import type { ImageProcessorResult } from "../function-schemas/image-processor.ts";
import type { TaskRun } from "./task-run.ts";

/** Brings a picture into our store, under a key of its content. */
export function importPicture(
  run: TaskRun,
  source: { readonly key: string } | { readonly url: string },
): Promise<ImageProcessorResult> {
  return run.deps.invoker.invoke(
    "ai-image-processor",
    { action: "import", source, toPrefix: `u/${run.task.userId}/in/` },
    { signal: run.signal, repeatable: true, circuitPatienceMs: 0 },
  );
}
