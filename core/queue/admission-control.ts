import type { Deps, StoreParts } from "../deps.ts";
import { DrapeError } from "../model/errors.ts";
import {
  createApproximateCounter,
  type Leave,
  type ApproximateCounter,
} from "./approximate-counter.ts";

/** Keeps the queue bounded: what is accepted must have a chance to be done before its deadline. */
export interface QueueLimits {
  /**
   * Before a create: gives what to call when it is known whether there is a new task. Throws QUEUE_FULL and
   * TOO_MANY_TASKS; then nothing was acknowledged or held.
   */
  admit(userId: string): Promise<Leave>;
}

type LimitDeps = StoreParts<"queue"> & Pick<Deps, "clock" | "settings">;

/** A customer who was not seen for this many others is forgotten, and counted anew. */
const CUSTOMERS_MAX = 10_000;
const RETRY_FULL_MS = 5_000;
const RETRY_CUSTOMER_MS = 30_000;

/**
 * `isQueueAway` says whether Redis is away: then tasks are accepted and nothing is done, so that the limit is lower.
 * Costs a count once in a while (see the approximate counter), never a statement a create.
 */
export function createQueueLimits(
  { store, clock, settings }: LimitDeps,
  isQueueAway: () => boolean,
): QueueLimits {
  const queue = createApproximateCounter((max) => store.queue.countQueued(max), clock);
  const customers = new Map<string, ApproximateCounter>();

  function counterOf(userId: string): ApproximateCounter {
    const counter =
      customers.get(userId) ??
      createApproximateCounter((max) => store.queue.countLive(userId, max), clock);
    // The map keeps the order in which its keys were set: the first is the one not seen for the longest time.
    customers.delete(userId);
    customers.set(userId, counter);
    const [longestAgo] = customers.keys();
    if (customers.size > CUSTOMERS_MAX && longestAgo !== undefined) customers.delete(longestAgo);
    return counter;
  }

  return {
    async admit(userId) {
      const { queueLimit, outageQueueLimit, customerQueueLimit } = settings.limits;
      const limit = isQueueAway() ? Math.min(queueLimit, outageQueueLimit) : queueLimit;
      const leaveQueue = await queue.enter(limit);
      if (leaveQueue === null) throw queueFull();
      const leaveCustomer = await counterOf(userId).enter(customerQueueLimit);
      if (leaveCustomer === null) {
        leaveQueue(false);
        throw tooManyTasks(customerQueueLimit);
      }
      return (cameToBe) => {
        leaveQueue(cameToBe);
        leaveCustomer(cameToBe);
      };
    },
  };
}

function queueFull(): DrapeError {
  return new DrapeError("QUEUE_FULL", "Too many tasks wait already: try again in a while.", {
    retryAfterMs: RETRY_FULL_MS,
  });
}

function tooManyTasks(limit: number): DrapeError {
  return new DrapeError(
    "TOO_MANY_TASKS",
    `You may have ${limit} tasks that wait or run: send more when some of them have ended.`,
    { retryAfterMs: RETRY_CUSTOMER_MS, details: { limit } },
  );
}
