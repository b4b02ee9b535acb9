/** A short memory that may forget at any moment. Nothing is ever decided from it that costs credits. */
export interface Cache {
  get(key: string): Promise<string | null>;
  /** Values up to 256 KB; `lifeMs` at least 1. */
  set(key: string, value: string, lifeMs: number): Promise<void>;
  delete(key: string): Promise<void>;
  close(): Promise<void>;
}

export const CACHE_VALUE_MAX_BYTES = 262_144;
