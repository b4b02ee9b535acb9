/**
 * Limits that processes share: at most `max` permits of a name are held at a time, by all of them together. A permit is
 * a lease, renewed while its process lives, so that a killed process cannot leak it.
 */
export interface Semaphore {
  /**
   * Waits until one of `max` permits is free, at the latest until `signal` is aborted: then it throws the signal's
   * reason. One that is given back in this process is taken at once, one of another process within 250 ms, one of a
   * process that was killed within `leaseMs` and 250 ms. No order among those who wait. When the shared count is away
   * each process takes a share of `max`, at least 1.
   */
  take(name: string, max: number, leaseMs: number, signal: AbortSignal): Promise<Permit>;
  /** Renews no more: what is still held runs out. Those who wait get SHUTTING_DOWN. */
  close(): Promise<void>;
}

export interface Permit {
  /** Never throws; the second time it does nothing. */
  release(): Promise<void>;
}

/** `leaseMs` at least this; a lease is renewed every third of it. */
export const PERMIT_LEASE_MIN_MS = 30;
