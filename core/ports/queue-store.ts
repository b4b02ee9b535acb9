import type { AuditWrite } from "./audit-store.ts";
import type { Job } from "./task-queue.ts";

/** What waits, in the order in which it will be taken. */
export type QueueView = {
  /** The first tasks: those sent already, by priority and time, then the ready ones by their sort keys. */
  readonly head: readonly string[];
  /** Tasks that wait in all, counted up to the limit that was asked for. */
  readonly depth: number;
  /** Tasks that run, counted up to 1,000. */
  readonly running: number;
  /** The sort keys of the last of the head and of the last of all: the others lie between them. */
  readonly headKey: number;
  readonly lastKey: number;
};

export type SweepFindings = {
  /** Running tasks whose lease ran out: new jobs, ready to be added. */
  readonly abandoned: readonly Job[];
  /** Tasks that were sent and not taken for 5 s: the same jobs again. */
  readonly stranded: readonly Job[];
  /** Live tasks past their deadline. */
  readonly expired: readonly string[];
};

export type QueuePause = {
  readonly reason: string;
  /** Database time; null for a pause that was written by hand. */
  readonly sinceMs: number | null;
};

/** The queue as a whole. Every read is bounded, however much waits; none locks anything. */
export interface QueueStore {
  /** Marks the next tasks as sent while fewer than `windowSize` are, and gives their jobs. */
  dispatch(windowSize: number): Promise<readonly Job[]>;
  /** What crashes and lost messages left behind, at most `limit` of each kind. */
  sweep(limit: number): Promise<SweepFindings>;

  view(limits: { readonly headMax: number; readonly depthMax: number }): Promise<QueueView>;
  /** The sort keys of those of the tasks that wait; at most 101 tasks are asked for at a time. */
  keysOf(taskIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Queued tasks of all customers, counted up to `max`. */
  countQueued(max: number): Promise<number>;
  /** Queued and running tasks of one customer, counted up to about `max`. */
  countLive(userId: string, max: number): Promise<number>;

  /** Whether anything is taken from the queue at all. */
  findPause(): Promise<QueuePause | null>;
  /**
   * Pauses the queue for all processes, or with null lets it go on, with its audit row in the same transaction. A pause
   * of what is paused already changes the reason alone. False: it was not paused, and nothing was written.
   */
  setPause(reason: string | null, audit: AuditWrite & { readonly actor: string }): Promise<boolean>;
}
