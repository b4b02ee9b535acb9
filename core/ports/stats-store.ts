import type { TaskStatus, TaskType } from "../model/task.ts";

export type TaskCount = {
  readonly type: TaskType;
  readonly status: TaskStatus;
  readonly count: number;
};

export type LiveCounts = {
  readonly tallies: readonly TaskCount[];
  /** False: more than `max` wait or run, and those beyond were not looked at. */
  readonly complete: boolean;
  /** Database time; null when none waits. Of those that were looked at. */
  readonly oldestWaitingAtMs: number | null;
};

/** How a task went. */
export type EndedTask = {
  readonly type: TaskType;
  readonly status: TaskStatus;
  readonly createdAtMs: number;
  /** Its first start; null when it never ran. */
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number;
};

/** What an operator wants to know of all tasks. Every read ends at its limit, however many there are; none locks. */
export interface StatsStore {
  /** What waits and what runs by type, of each `max` at most: those first in line, and those nearest to their deadline. */
  countByState(max: number): Promise<LiveCounts>;
  /** Tasks that ended within `withinMs`, counted up to `max`. */
  countEnded(withinMs: number, max: number): Promise<number>;
  /** The newest `max` of them, newest first. */
  recentEnds(withinMs: number, max: number): Promise<readonly EndedTask[]>;
}
