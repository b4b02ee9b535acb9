/**
 * What each process says of itself, for a while: a post is forgotten when its life ends, so that a dead process says
 * nothing for long. Nothing is decided from it. While the roster is away a post is dropped and a read gives nothing.
 */
export interface Roster {
  /** Replaces what `member` said on `topic`. `value` up to 16 KB, else RangeError; `lifeMs` at least 1. */
  post(topic: string, member: string, value: string, lifeMs: number): Promise<void>;
  /** By member, in order; at most 1,000, of which those that end first were dropped. */
  read(topic: string): Promise<readonly RosterEntry[]>;
  close(): Promise<void>;
}

export type RosterEntry = { readonly member: string; readonly value: string };

export const ROSTER_LIMITS = { membersMax: 1_000, valueMaxBytes: 16_384 } as const;
