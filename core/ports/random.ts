/** Chance as one process has it: for jitter, and for names that nobody else takes. */
export interface Random {
  /** Evenly spread, 0 <= x < 1. Not for secrets. */
  fraction(): number;
  /** Bytes that nobody can guess. */
  bytes(count: number): Uint8Array;
  /** A text that no other process has ever made. */
  token(): string;
}
