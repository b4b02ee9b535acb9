import { LOG_ENTRIES_MAX } from "./scf-limits.ts";

/** One invocation as the loopback SCF saw it. */
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

export type InvocationLog = {
  add(entry: InvocationEntry): void;
  entries(): readonly InvocationEntry[];
  clear(): void;
};

/** Keeps the newest 10,000 entries. */
export function createInvocationLog(): InvocationLog {
  let entries: InvocationEntry[] = [];
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
