/** A position in a list, just behind an entry. */
export type ListPosition = { readonly createdAtMs: number; readonly id: string };

/** A page, newest first: what comes after `before`, the last entry of the page before; at most `pageMax`. */
export type PageQuery = {
  readonly userId: string;
  readonly limit: number;
  readonly before?: ListPosition;
};

export const STORE_LIMITS = {
  createsPerBatchMax: 64,
  strandedAfterMs: 5_000,
  crashesMax: 5,
  /** A client's page has 100 at most; one more tells whether another page follows. */
  pageMax: 101,
} as const;
