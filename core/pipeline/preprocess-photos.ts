import type { ImageOperations, ImageProcessorResult } from "../function-schemas/image-processor.ts";
import { originalOf } from "./import-sources.ts";
import { sameAs, sameWords } from "./same-photos.ts";
import {
  allOrWorst,
  degradedResult,
  pendingIndexes,
  saveSteps,
  stepOf,
  tryOrDegrade,
  type TaskRun,
} from "./task-run.ts";

/** Upright, at most 1536 px, plain JPEG: what the AI providers like best. */
const FOR_PROVIDERS: ImageOperations = {
  resize: { width: 1536, height: 1536, mode: "inside" },
  format: "jpeg",
  quality: 90,
};

/** Preprocesses every garment photo; one that fails is replaced by its original, and its price returns. */
export async function preprocessPhotos(run: TaskRun): Promise<void> {
  const pending = pendingIndexes(run, "preprocess", run.task.sources.length);
  await allOrWorst(pending.map((index) => preprocessPhoto(run, index)));
}

async function preprocessPhoto(run: TaskRun, index: number): Promise<void> {
  const { invoker, clock, settings } = run.deps;
  const startedMs = clock.monotonicMs();
  const durationMs = () => Math.round(clock.monotonicMs() - startedMs);
  const common = () => ({ step: "preprocess", index, durationMs: durationMs() }) as const;
  const priceCredits = run.task.prices.preprocess;
  const { doubt: _doubt, ...original } = originalOf(run, index);
  const same = sameAs(run, index);
  if (same !== null) {
    const instead = {
      ...original,
      reason: "DUPLICATE_PHOTO",
      usedInstead: sameWords(same),
      creditsReturned: priceCredits,
    };
    return saveSteps(run, [{ ...common(), state: "degraded", priceCredits: 0, result: instead }]);
  }
  const failure = await tryOrDegrade(run, async () => {
    const result = await invoker.invoke(
      "ai-image-processor",
      {
        action: "preprocess",
        from: original.key,
        to: `t/${run.task.id}/preprocess-${index}.jpg`,
        operations: FOR_PROVIDERS,
      },
      {
        signal: run.signal,
        repeatable: true,
        customerId: run.task.userId,
        circuitPatienceMs: settings.circuits.circuitPatienceMs,
      },
    );
    await saveSteps(run, [{ ...common(), state: "done", priceCredits, result }]);
  });
  if (failure === null) return;
  const instead = {
    ...original,
    usedInstead: "the original photo",
    creditsReturned: priceCredits,
  };
  const lesser = { state: "degraded", priceCredits: 0 } as const;
  await saveSteps(run, [{ ...common(), ...lesser, result: degradedResult(failure, instead) }]);
}

/** The photo to work with: preprocessed, or its original. */
export function preparedPhoto(run: TaskRun, index: number): ImageProcessorResult {
  const record = stepOf(run, "preprocess", index);
  if (record?.state === "done" || record?.state === "degraded") return record.result;
  throw new Error(`task ${run.task.id} has no prepared photo ${index + 1}`);
}
