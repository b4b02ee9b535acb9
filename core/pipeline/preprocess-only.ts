import {
  planPreprocess,
  preprocessOptionsSchema,
  watermarkKeyOf,
  withWatermarkKey,
  type PreprocessOptions,
} from "../model/preprocess-options.ts";
import type { PreprocessInput } from "../model/task-inputs.ts";
import { checkPicture } from "./check-content.ts";
import { importEach, importPicture } from "./import-sources.ts";
import { processPhotos } from "./process-photos.ts";
import { allOrWorst, pendingIndexes, type TaskRun } from "./task-run.ts";

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
  await allOrWorst(batches.map((indexes) => processPhotos(run, plan, indexes)));
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
