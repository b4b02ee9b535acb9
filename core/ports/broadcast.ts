/**
 * Notifies all processes, this one too, that something has changed. Best effort, at most once: who must not miss a
 * change looks for itself now and then as well.
 */
export interface Broadcast {
  /** Never throws for a bus that is away: then this process alone hears it. `text` up to 4 KB, else RangeError. */
  publish(topic: string, text: string): Promise<void>;
  /** Hears what is published from now on. A handler that throws is logged. Gives the function that ends it. */
  subscribe(topic: string, handler: NotificationHandler): () => void;
  close(): Promise<void>;
}

export type NotificationHandler = (text: string) => void;

export const NOTIFICATION_MAX_BYTES = 4_096;
