import { stepOf, type TaskRun } from "./task-run.ts";

/**
 * The first photo of the task that is the same picture byte for byte, whatever its address; null for the first of them.
 * What is sent twice is worked on, shown to the models and paid for once.
 */
export function sameAs(run: TaskRun, index: number): number | null {
  const key = importedKey(run, index);
  if (key === null) return null;
  for (let other = 0; other < index; other += 1) {
    if (importedKey(run, other) === key) return other;
  }
  return null;
}

/** The indexes of the photos, each picture once. */
export function differentPhotos(run: TaskRun): number[] {
  return run.task.sources.map((_, index) => index).filter((index) => sameAs(run, index) === null);
}

/** How a result says so. */
export function sameWords(other: number): string {
  return `photo ${other + 1}, which is the same picture`;
}

function importedKey(run: TaskRun, index: number): string | null {
  const record = stepOf(run, "import", index);
  return record?.state === "done" ? record.result.key : null;
}
