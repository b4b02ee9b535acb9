import type { ImageProcessorResult } from "../function-schemas/image-processor.ts";
import { referenceFault } from "../function-schemas/seedream-models.ts";
import { checkPhoto } from "./check-content.ts";
import { asDrapeError, DrapeError } from "../model/errors.ts";
import type { ImportedPhoto, MissableStep } from "../model/step-results.ts";
import { errorOfPhoto, isOfThePhoto } from "./photo-errors.ts";
import {
  allOrWorst,
  missedWrite,
  pendingIndexes,
  saveSteps,
  stepOf,
  type TaskRun,
} from "./task-run.ts";

/** Brings every source into our store. What cannot be read ends the task, before anything is paid. */
export async function importSources(run: TaskRun): Promise<void> {
  const pending = pendingIndexes(run, "import", run.task.sources.length);
  await allOrWorst(pending.map((index) => importSource(run, index)));
}

/** The same for photos that an image model is to see: one that no model takes ends the task too, before it costs. */
export async function importReferences(run: TaskRun): Promise<void> {
  await importSources(run);
  for (const index of run.task.sources.keys()) {
    const reason = referenceFault(originalOf(run, index));
    if (reason === null) continue;
    const fault = new DrapeError(
      "IMAGE_OPERATION_INVALID",
      `The image model cannot take it: ${reason}.`,
    );
    throw errorOfPhoto(run.task, index, fault);
  }
}

/** The same where each photo stands for itself: one that cannot be read is missed, and so is its step `then`. */
export async function importEach(run: TaskRun, then: MissableStep): Promise<void> {
  const pending = pendingIndexes(run, "import", run.task.sources.length);
  const importOrMiss = async (index: number) => {
    try {
      await importSource(run, index);
    } catch (thrown) {
      run.signal.throwIfAborted();
      const error = asDrapeError(thrown);
      if (!isOfThePhoto(error)) throw error;
      const writes = (["import", then] as const).map((step) =>
        missedWrite({ step, index, durationMs: 0 }, error),
      );
      await saveSteps(run, writes);
    }
  };
  await allOrWorst(pending.map(importOrMiss));
}

async function importSource(run: TaskRun, index: number): Promise<void> {
  const source = run.task.sources[index];
  if (source === undefined) return;
  const startedMs = run.deps.clock.monotonicMs();
  const from = "key" in source ? { key: source.key } : { url: source.url };
  const { result, doubt } = await importAndCheck(run, index, from).catch((thrown: unknown) => {
    throw errorOfPhoto(run.task, index, asDrapeError(thrown));
  });
  const durationMs = Math.round(run.deps.clock.monotonicMs() - startedMs);
  const noted = doubt === null ? result : { ...result, doubt };
  await saveSteps(run, [
    { step: "import", index, state: "done", priceCredits: 0, durationMs, result: noted },
  ]);
}

type PictureSource = { readonly key: string } | { readonly url: string };

async function importAndCheck(run: TaskRun, index: number, from: PictureSource) {
  const result = await importPicture(run, from);
  const { doubt } = await checkPhoto(run, index, result);
  return { result, doubt };
}

/** Brings a picture into our store, under a key of its content. */
export function importPicture(run: TaskRun, source: PictureSource): Promise<ImageProcessorResult> {
  return run.deps.invoker.invoke(
    "ai-image-processor",
    { action: "import", source, toPrefix: `u/${run.task.userId}/in/` },
    {
      signal: run.signal,
      repeatable: true,
      customerId: run.task.userId,
      circuitPatienceMs: 0,
    },
  );
}

/** The imported original of a photo. */
export function originalOf(run: TaskRun, index: number): ImportedPhoto {
  const record = stepOf(run, "import", index);
  if (record?.state === "done") return record.result;
  throw new Error(`task ${run.task.id} has no photo ${index + 1} to work with`);
}
