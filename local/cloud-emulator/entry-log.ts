import { LOG_ENTRIES_MAX } from "./scf/scf-limits.ts";

export type EntryLog<T> = {
  add(entry: T): void;
  entries(): readonly T[];
  clear(): void;
};

/** Keeps the newest 10,000 entries. */
export function createEntryLog<T>(): EntryLog<T> {
  let entries: T[] = [];
  return {
    add(entry) {
      entries.push(entry);
      // Cut in halves, so that a long run does not shift the whole array at every call.
      if (entries.length >= LOG_ENTRIES_MAX * 2) entries = entries.slice(-LOG_ENTRIES_MAX);
    },
    entries: () => entries.slice(-LOG_ENTRIES_MAX),
    clear() {
      entries = [];
    },
  };
}

/** One invocation as the emulated SCF saw it. */
export type InvocationEntry = {
  readonly function: string;
  /** The event's `action`, when it has one. */
  readonly action: string | null;
  readonly requestId: string;
  readonly startedAtMs: number;
  readonly ms: number;
  /** 200, or the function status code; 0 when no status was answered (an API error, a cut connection). */
  readonly status: number;
  /** The API error's code, or the kind of the fault that was asked for. */
  readonly note: string | null;
  readonly cold: boolean;
  readonly memoryBytes: number;
};

/** One API request as the emulated SCF answered it; invocations have a log of their own. */
export type ActionEntry = {
  readonly action: string;
  readonly function: string | null;
  /** Whether the action could have changed something. */
  readonly writes: boolean;
  /** The API error's code, or null. */
  readonly error: string | null;
};
