import type { LoggedEvent, TaskEvent } from "../model/task-events.ts";

/**
 * The events of each task for an hour, at most 500 a task. Lost events are no loss of truth: a reader that meets
 * a gap takes a snapshot from the database.
 */
export interface EventLog {
  /** Ids are `<version>-1`, `<version>-2`, ... An id not above the newest stored one is dropped silently. */
  append(taskId: string, version: number, events: readonly TaskEvent[]): Promise<void>;
  /**
   * Events above `afterId`, in order, at most 500; none when the log has none. Whether something is missing between
   * shows in the versions, which grow by one: see `isGap`.
   */
  read(taskId: string, afterId: string): Promise<readonly LoggedEvent[]>;
  /** Resolves when something newer than `afterId` may be there, at the latest when `signal` is aborted. */
  wait(taskId: string, afterId: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export const EVENT_LOG_LIMITS = { eventsPerTaskMax: 500, lifeMs: 3_600_000 } as const;

/** The cursor before the first event of a task. */
export const BEFORE_FIRST_EVENT = "0-0";
