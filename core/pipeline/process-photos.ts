import { imageBatchResultSchema, type BatchItem } from "../function-schemas/image-processor.ts";
import { failureError } from "../invocation/function-client.ts";
import { isDeath } from "../invocation/resilient-invoker.ts";
import { asDrapeError, DrapeError, isWorthAnotherAttempt } from "../model/errors.ts";
import type { PreprocessPlan } from "../model/preprocess-options.ts";
import type { StepWrite } from "../ports/task-store.ts";
import { originalOf } from "./import-sources.ts";
import { errorOfPhoto, isOfThePhoto } from "./photo-errors.ts";
import { allOrWorst, missedWrite, saveSteps, type TaskRun } from "./task-run.ts";

/** What came of one photo. */
type Outcome = { readonly index: number; readonly item: BatchItem };

/**
 * Works on these photos in one call. Each stands for itself: one that cannot be served is missed, and one over which an
 * instance died is tried once more alone, so that the others are delivered.
 */
export async function processPhotos(
  run: TaskRun,
  plan: PreprocessPlan,
  indexes: readonly number[],
): Promise<void> {
  const [only, ...others] = indexes;
  if (only !== undefined && others.length === 0) return processAlone(run, plan, only, 0);
  const died = await processTogether(run, plan, indexes);
  await allOrWorst(died.map((index) => processAlone(run, plan, index, 1)));
}

/** Gives the photos of which nothing is known but that an instance died, or ran out of its time, over one of them. */
async function processTogether(
  run: TaskRun,
  plan: PreprocessPlan,
  indexes: readonly number[],
): Promise<readonly number[]> {
  try {
    const unfinished = await callFor(run, plan, indexes, 0);
    const other = unfinished.find(({ error }) => !isDeath(error));
    if (other !== undefined) throw other.error;
    return unfinished.map(({ index }) => index);
  } catch (thrown) {
    run.signal.throwIfAborted();
    if (!isDeath(asDrapeError(thrown))) throw thrown;
    return indexes;
  }
}

async function processAlone(
  run: TaskRun,
  plan: PreprocessPlan,
  index: number,
  deathsBefore: number,
): Promise<void> {
  try {
    const [unfinished] = await callFor(run, plan, [index], deathsBefore);
    if (unfinished !== undefined) throw unfinished.error;
  } catch (thrown) {
    run.signal.throwIfAborted();
    const error = errorOfPhoto(run.task, index, asDrapeError(thrown));
    if (!isOfThePhoto(error)) throw error;
    await saveSteps(run, [missedWrite({ step: "preprocess", index, durationMs: 0 }, error)]);
  }
}

/** Saves what is final and gives the rest, each with what to do about it. */
async function callFor(
  run: TaskRun,
  { operations, variants }: PreprocessPlan,
  indexes: readonly number[],
  deathsBefore: number,
) {
  const { invoker, clock } = run.deps;
  const startedMs = clock.monotonicMs();
  const format = operations.format ?? "jpeg";
  const images = indexes.map((index) => ({
    from: originalOf(run, index).key,
    to: `t/${run.task.id}/processed-${index}.${format === "jpeg" ? "jpg" : format}`,
    operations,
    variants: [...variants],
  }));
  const result = await invoker.invoke(
    "ai-image-processor",
    { action: "process", images },
    {
      signal: run.signal,
      repeatable: true,
      customerId: run.task.userId,
      deathsBefore,
      circuitPatienceMs: 0,
    },
  );
  const durationMs = Math.round(clock.monotonicMs() - startedMs);
  const outcomes = itemsOf(result, indexes.length).map((item, at): Outcome => ({
    item,
    index: indexes[at] ?? 0,
  }));
  await saveSteps(
    run,
    outcomes.flatMap((outcome) => writesOf(run, outcome, durationMs)),
  );
  return outcomes.flatMap(({ index, item }) =>
    item.ok || !isWorthAnotherAttempt(item.failure)
      ? []
      : [{ index, error: failureError("ai-image-processor", item.failure) }],
  );
}

function itemsOf(result: unknown, count: number): readonly BatchItem[] {
  const parsed = imageBatchResultSchema.safeParse(result);
  if (parsed.success && parsed.data.items.length === count) return parsed.data.items;
  const message = "The answer of ai-image-processor is not one for these photos.";
  throw new DrapeError("FUNCTION_ANSWER_INVALID", message, { ran: "unknown" });
}

function writesOf(run: TaskRun, { index, item }: Outcome, durationMs: number): StepWrite[] {
  const common = { step: "preprocess", index, durationMs } as const;
  if (item.ok) {
    const result = { ...item.image, variants: item.variants };
    const priceCredits = run.task.prices.preprocess;
    return [{ ...common, state: "done", priceCredits, result }];
  }
  if (isWorthAnotherAttempt(item.failure)) return [];
  const error = failureError("ai-image-processor", item.failure);
  return [missedWrite(common, errorOfPhoto(run.task, index, error))];
}
