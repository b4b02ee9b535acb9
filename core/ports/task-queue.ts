import type { Priority } from "../model/task.ts";

/** A wake-up for a task. The id is `<taskId>-<dispatchNo>`; the rest of the truth is in the database. */
export type Job = { readonly id: string; readonly taskId: string; readonly priority: Priority };

/**
 * Hands jobs to consumers, at least once each, high before normal before low, in order within a priority.
 * It may lose anything it holds: the sweep brings it back under the same id.
 */
export interface TaskQueue {
  /** An id that is held already is not added again. Throws UNAVAILABLE fast when the queue is away. */
  add(jobs: readonly Job[]): Promise<void>;
  /** Jobs held and not yet taken. */
  waiting(): Promise<number>;
  close(): Promise<void>;
}

export type JobHandler = (job: Job, signal: AbortSignal) => Promise<void>;

export interface TaskConsumer {
  /** Takes jobs, at most `concurrency` at a time. The handler resolves always; a rejection is logged and dropped. */
  start(handler: JobHandler, concurrency: number): void;
  /** Takes no more, aborts the signals of those running, waits for them up to `graceMs`. */
  stop(graceMs: number): Promise<void>;
}
