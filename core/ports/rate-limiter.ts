export type RatePolicy = {
  /** Requests a window; also the burst. */
  readonly limit: number;
  readonly windowMs: number;
  /**
   * A limit that somebody else sets us: while the processes cannot count together each keeps to its share of it, at
   * least 1. Otherwise each then allows all of it.
   */
  readonly shared?: boolean;
};

export type RateVerdict = {
  readonly allowed: boolean;
  /** Whole requests left now. */
  readonly remaining: number;
  /** Until the next request would be allowed (0 when one is) and until the bucket is full again. */
  readonly retryAfterMs: number;
  readonly resetMs: number;
};

/** A token bucket per key: admits at most `limit + rate x time` requests. */
export interface RateLimiter {
  /**
   * Takes `cost` tokens (1 when nothing is said, at most `limit`), all of them or none. A negative cost gives tokens
   * back, up to the limit, and is always allowed.
   */
  take(key: string, policy: RatePolicy, cost?: number): Promise<RateVerdict>;
  close(): Promise<void>;
}
