import type { AuditWrite } from "./store.ts";

export type QueuePause = {
  readonly reason: string;
  /** Database time; null for a pause that was written by hand. */
  readonly sinceMs: number | null;
};

/** Whether anything is taken from the queue at all. */
export interface QueuePauseStore {
  findQueuePause(): Promise<QueuePause | null>;
  /**
   * Pauses the queue for all processes, or with null lets it go on, with its audit row in the same transaction. A pause
   * of what is paused already changes the reason alone. False: it was not paused, and nothing was written.
   */
  setQueuePause(
    reason: string | null,
    audit: AuditWrite & { readonly actor: string },
  ): Promise<boolean>;
}
