import {
  planPreprocess,
  preprocessOptionsSchema,
  watermarkKeyOf,
  withWatermarkKey,
  type PreprocessOptions,
} from "../model/preprocess-options.ts";
import type { StepWrite } from "../ports/task-store.ts";
import type { PreprocessInput } from "../model/task-inputs.ts";
import { checkPicture } from "./check-content.ts";
import { importEach, importPicture } from "./import-sources.ts";
import { processPhotos } from "./process-photos.ts";
import { sameAs, sameWords } from "./same-photos.ts";
import {
  allOrWorst,
  missedWrite,
  pendingIndexes,
  saveSteps,
  stepOf,
  type TaskRun,
} from "./task-run.ts";

/** So many photos a call: a few share a cold start, and one call that fails delays no more than these. */
const BATCH = 4;

/** Photos in, the same photos out as the options say. Each stands for itself: one that cannot be served is missed. */
export async function preprocessOnly(run: TaskRun, input: PreprocessInput): Promise<void> {
  const options = await checkWatermark(run, input.options);
  await importEach(run, "preprocess");
  const plan = planPreprocess(preprocessOptionsSchema.parse(options));
  const pending = pendingIndexes(run, "preprocess", run.task.sources.length);
  const copies = pending.filter((index) => sameAs(run, index) !== null);
  const firsts = pending.filter((index) => !copies.includes(index));
  const batches: number[][] = [];
  for (let at = 0; at < firsts.length; at += BATCH) batches.push(firsts.slice(at, at + BATCH));
  await allOrWorst(batches.map((indexes) => processPhotos(run, plan, indexes)));
  await saveSteps(
    run,
    copies.flatMap((index) => writeOfCopy(run, index)),
  );
}

/** What became of the photo that is the same picture, which is paid for once. */
function writeOfCopy(run: TaskRun, index: number): StepWrite[] {
  const same = sameAs(run, index);
  const record = same === null ? undefined : stepOf(run, "preprocess", same);
  if (same === null || record === undefined) return [];
  const common = { step: "preprocess", index, durationMs: 0 } as const;
  if (record.state === "missed") return [missedWrite(common, record.result)];
  if (record.state !== "done") return [];
  const { report } = record.result;
  const done = [...(report?.done ?? []), `the result of ${sameWords(same)}: counted once`];
  const noted = report === undefined ? { done, savedBytes: 0 } : { ...report, done };
  const result = { ...record.result, report: noted };
  return [{ ...common, state: "done", priceCredits: 0, result }];
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
