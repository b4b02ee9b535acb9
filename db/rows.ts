import {
  isTerminal,
  type ImageSource,
  type Task,
  type TaskError,
  type TaskRequest,
} from "../core/model/task.ts";
import type { ImageRecord, StepProgress, StepRecord } from "../core/model/step-results.ts";
import type { ImageRow, ResolutionRow, StepRow, TaskRow } from "./schema.ts";

// The one place where text and words of rows become typed values again; every row was written by this product alone.

export function taskOf(
  row: TaskRow,
  parts: {
    steps: readonly StepRow[];
    images: readonly ImageRow[];
    resolution: ResolutionRow | undefined;
  },
): Task {
  const { resolution } = parts;
  const status = row.status as Task["status"];
  const request = { type: row.type, input: JSON.parse(row.input) } as TaskRequest;
  return {
    ...request,
    id: row.id,
    userId: row.userId,
    status,
    priority: row.priority as Task["priority"],
    sources: JSON.parse(row.sources) as ImageSource[],
    prices: JSON.parse(row.prices) as Task["prices"],
    metadata: JSON.parse(row.metadata) as Task["metadata"],
    error: row.error === null ? null : (JSON.parse(row.error) as TaskError),
    heldCredits: row.heldCredits,
    // A row read just before its end, with a resolution read just after it, is a live task still.
    settled:
      resolution === undefined || !isTerminal(status)
        ? null
        : { postedCredits: resolution.posted, releasedCredits: resolution.released },
    fence: row.fence,
    version: row.version,
    attempts: row.attempts,
    crashes: row.crashes,
    createdAtMs: row.createdAt,
    startedAtMs: row.startedAt,
    finishedAtMs: row.finishedAt,
    expiresAtMs: row.expiresAt,
    availableAtMs: row.availableAt,
    steps: parts.steps.map(stepOf),
    images: parts.images.map(imageOf),
  };
}

function stepOf(row: StepRow): StepRecord {
  return {
    ...progressOf(row),
    index: row.idx,
    askedAtMs: row.askedAt,
    askLimitMs: row.askLimitMs,
    asks: row.asks,
    failures: row.failures,
    priceCredits: row.priceCredits,
    durationMs: row.durationMs,
  };
}

/**
 * How far a step is, with its result under the type that its name and state have. A cast is enough: only `checkpoint`
 * writes the column, and it takes nothing else than these types. Fields that older versions did not write are optional
 * in them. Nothing is checked, since each read of a task comes by here.
 */
export function progressOf(row: Pick<StepRow, "step" | "state" | "result">): StepProgress {
  const { step, state, result } = row;
  return { step, state, result: result === null ? null : JSON.parse(result) } as StepProgress;
}

function imageOf(row: ImageRow): ImageRecord {
  const { id, idx, objectKey, width, height, bytes, format, provider } = row;
  return { id, index: idx, key: objectKey, width, height, bytes, format, provider };
}

/** Account names in transfers. */
export const ISSUER = "issuer";
export const REVENUE = "revenue";
export const availableOf = (userId: string) => `${userId}:available`;
export const heldOf = (userId: string) => `${userId}:held`;
