import { DrapeError } from "../core/model/errors.ts";
import type { TaskSettings } from "../core/model/task-settings.ts";

/** Connections that stay open: event streams, and answers that are waited for (`Prefer: wait`). */
export interface OpenStreams {
  /**
   * Counts one more of a customer; what it gives counts it out, once however often it is called. Throws
   * TOO_MANY_STREAMS above the customer's limit and UNAVAILABLE above this process's.
   */
  enter(userId: string): () => void;
}

const RETRY_MS = 10_000;

/** Counted in this process: with several processes each customer has the limit at each of them. */
export function createOpenStreams({ limits }: Pick<TaskSettings, "limits">): OpenStreams {
  const open = new Map<string, number>();
  let total = 0;
  return {
    enter(userId) {
      const mine = open.get(userId) ?? 0;
      if (mine >= limits.customerStreams) throw tooMany(limits.customerStreams);
      if (total >= limits.processStreams) throw full(limits.processStreams);
      open.set(userId, mine + 1);
      total += 1;
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        total -= 1;
        const left = (open.get(userId) ?? 1) - 1;
        if (left === 0) open.delete(userId);
        else open.set(userId, left);
      };
    },
  };
}

function tooMany(limit: number): DrapeError {
  return new DrapeError(
    "TOO_MANY_STREAMS",
    `You may have ${limit} event streams and waiting requests (Prefer: wait) open: close some, or poll the tasks.`,
    { retryAfterMs: RETRY_MS, details: { limit } },
  );
}

function full(limit: number): DrapeError {
  return new DrapeError(
    "UNAVAILABLE",
    `This server has the ${limit} streams and waiting requests open that it can have: poll the task, or try again.`,
    { retryAfterMs: RETRY_MS },
  );
}
