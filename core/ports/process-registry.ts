/**
 * What each process says of itself, for a while: a post is forgotten when its life ends, so that a dead process says
 * nothing for long. Nothing is decided from it. While the process registry is away a post is dropped and a read gives
 * nothing.
 */
export interface ProcessRegistry {
  /** Replaces what `processId` said on `topic`. `value` up to 16 KB, else RangeError; `lifeMs` at least 1. */
  post(topic: string, processId: string, value: string, lifeMs: number): Promise<void>;
  /** By process, in order; at most 1,000, of which those that end first were dropped. */
  read(topic: string): Promise<readonly Heartbeat[]>;
  close(): Promise<void>;
}

export type Heartbeat = { readonly processId: string; readonly value: string };

export const REGISTRY_LIMITS = { processesMax: 1_000, valueMaxBytes: 16_384 } as const;
