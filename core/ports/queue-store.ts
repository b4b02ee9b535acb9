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

/** What the Store knows of the queue as a whole. Every read is bounded, however much waits; none locks anything. */
export interface QueueStore {
  viewQueue(limits: { readonly headMax: number; readonly depthMax: number }): Promise<QueueView>;
  /** The sort keys of those of the tasks that wait; at most 101 tasks are asked for at a time. */
  queueKeys(taskIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Queued tasks of all customers, counted up to `max`. */
  countQueued(max: number): Promise<number>;
  /** Queued and running tasks of one customer, counted up to about `max`. */
  countLive(userId: string, max: number): Promise<number>;
}
