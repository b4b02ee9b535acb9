import { LOG_ENTRIES_MAX } from "./scf-limits.ts";

/** One API request as the loopback SCF answered it; invocations have a log of their own. */
export type ActionEntry = {
  readonly action: string;
  readonly function: string | null;
  /** Whether the action could have changed something. */
  readonly writes: boolean;
  /** The API error's code, or null. */
  readonly error: string | null;
};

export type ActionLog = {
  add(entry: ActionEntry): void;
  entries(): readonly ActionEntry[];
  clear(): void;
};

/** Keeps the newest 10,000 entries. */
export function createActionLog(): ActionLog {
  let entries: ActionEntry[] = [];
  return {
    add(entry) {
      entries.push(entry);
      if (entries.length >= LOG_ENTRIES_MAX * 2) entries = entries.slice(-LOG_ENTRIES_MAX);
    },
    entries: () => entries.slice(-LOG_ENTRIES_MAX),
    clear() {
      entries = [];
    },
  };
}
