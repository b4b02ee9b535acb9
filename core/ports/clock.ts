/** Time as one process sees it. Leases and deadlines are the database's time, never this one's. */
export interface Clock {
  /** Wall clock, epoch milliseconds. */
  nowMs(): number;
  /** Never goes back; only differences mean something. */
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Fires after `ms` with a TimeoutError. It keeps no process alive and needs no clearing. */
  deadline(ms: number): AbortSignal;
}
