import {
  isTerminal,
  type ImageRecord,
  type ImageSource,
  type StepRecord,
  type Task,
  type TaskError,
  type TaskWish,
} from "../core/model/task.ts";
import type { ImageRow, ResolutionRow, StepRow, TaskRow } from "./schema.ts";

// The one place where text and words of rows become typed values again; every row was written by this house.

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
  const wish = { type: row.type, input: JSON.parse(row.input) } as TaskWish;
  return {
    ...wish,
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

export function stepOf(row: StepRow): StepRecord {
  return {
    step: row.step as StepRecord["step"],
    index: row.idx,
    state: row.state as StepRecord["state"],
    askedAtMs: row.askedAt,
    askLimitMs: row.askLimitMs,
    asks: row.asks,
    priceCredits: row.priceCredits,
    durationMs: row.durationMs,
    result: row.result === null ? null : JSON.parse(row.result),
  };
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
