import { imageBatchResultSchema, type BatchItem } from "../function-schemas/image-processor.ts";
import { codeOfFailure, DrapeError, isWorthAnotherAttempt } from "../model/errors.ts";
import { failureError } from "../invocation/function-client.ts";
import {
  planPreprocess,
  preprocessOptionsSchema,
  watermarkKeyOf,
  withWatermarkKey,
  type PreprocessOptions,
  type PreprocessPlan,
} from "../model/preprocess-options.ts";
import type { StepWrite } from "../ports/task-store.ts";
import type { PreprocessInput } from "../model/task-inputs.ts";
import { checkPicture } from "./check-content.ts";
import { importEach, importPicture, originalOf } from "./import-sources.ts";
import { allOrWorst, missedWrite, pendingIndexes, saveSteps, type TaskRun } from "./task-run.ts";

/** So many photos a call: a few share a cold start, and one call that fails delays no more than these. */
const BATCH = 4;

/** Photos in, the same photos out as the options say. Each stands for itself: one that cannot be served is missed. */
export async function preprocessOnly(run: TaskRun, input: PreprocessInput): Promise<void> {
  const options = await checkWatermark(run, input.options);
  await importEach(run, "preprocess");
  const plan = planPreprocess(preprocessOptionsSchema.parse(options));
  const pending = pendingIndexes(run, "preprocess", run.task.sources.length);
  const batches: number[][] = [];
  for (let at = 0; at < pending.length; at += BATCH) batches.push(pending.slice(at, at + BATCH));
  await allOrWorst(batches.map((indexes) => processBatch(run, plan, indexes)));
}

/**
 * The options with the picture of their watermark under a key of its content, checked: who uploaded it can put another
 * in its place at any time, and only what was let through may be put on photos.
 */
async function checkWatermark(
  run: TaskRun,
  options: PreprocessOptions,
): Promise<PreprocessOptions> {
  const key = watermarkKeyOf(options);
  if (run.deps.moderation === null || key === undefined) return options;
  const kept = await importPicture(run, { key });
  await checkPicture(run, { key: kept.key, bytes: kept.bytes, what: "the watermark" });
  return withWatermarkKey(options, kept.key);
}

async function processBatch(
  run: TaskRun,
  { operations, variants }: PreprocessPlan,
  indexes: readonly number[],
): Promise<void> {
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
    { signal: run.signal, repeatable: true, circuitPatienceMs: 0 },
  );
  const items = itemsOf(result, indexes.length);
  const durationMs = Math.round(clock.monotonicMs() - startedMs);
  const placed = items.map((item, at) => ({ item, index: indexes[at] ?? 0 }));
  await saveSteps(
    run,
    placed.flatMap(({ item, index }) => writesOf(run, item, { index, durationMs })),
  );
  const again = items.find((item) => !item.ok && isWorthAnotherAttempt(item.failure));
  if (again !== undefined && !again.ok) throw failureError("ai-image-processor", again.failure);
}

function itemsOf(result: unknown, count: number): readonly BatchItem[] {
  const parsed = imageBatchResultSchema.safeParse(result);
  if (parsed.success && parsed.data.items.length === count) return parsed.data.items;
  const message = "The answer of ai-image-processor is not one for these photos.";
  throw new DrapeError("FUNCTION_ANSWER_INVALID", message, { ran: "unknown" });
}

function writesOf(
  run: TaskRun,
  item: BatchItem,
  { index, durationMs }: { readonly index: number; readonly durationMs: number },
): StepWrite[] {
  const common = { step: "preprocess", index, durationMs } as const;
  if (item.ok) {
    const result = { ...item.image, variants: item.variants };
    const priceCredits = run.task.prices.preprocess;
    return [{ ...common, state: "done", priceCredits, result }];
  }
  if (isWorthAnotherAttempt(item.failure)) return [];
  const { code, message } = item.failure;
  return [missedWrite(common, { code: codeOfFailure(code), message })];
}
