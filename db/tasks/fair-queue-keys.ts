import type { Priority } from "../../core/model/task.ts";

/** Sort keys per credit: room for weights without fractions. */
export const KEYS_PER_CREDIT = 1000;

/**
 * How far a priority moves a task in the queue: 2,000 credits of work. A low task is sent at the latest when the virtual
 * time has passed its key, that is when each other customer who had work was served 2,000 credits (4,000 when all that
 * comes is high) since it came. By then it has risen in the window too (`risenPriority`), and no more than the window
 * is before it. The virtual time moves by a task's credits 4 times a second at the slowest: under an endless stream of
 * customers with one task of 12 credits each, that makes 42 s (84 s when all are high).
 */
const BAND_KEYS = 2000 * KEYS_PER_CREDIT;

const BANDS: Record<Priority, number> = { high: -BAND_KEYS, normal: 0, low: BAND_KEYS };

/** A task's place in the order of the queue. */
export function sortKeyOf(lastKey: number, priority: Priority): number {
  return lastKey + BANDS[priority];
}

/**
 * What a claimed task's key says of the virtual time: without its band, else a stream of high ones would leave the
 * time where it is, and one low one would put it far ahead of what was served.
 */
export function servedKeyOf(sortKey: number, priority: Priority): number {
  return sortKey - BANDS[priority];
}

/**
 * The priority that a task has by now in the queue's window, where what is higher and came later goes before it: the
 * band that its key is nearest to, seen from the virtual time. A task rises with it, and none sinks.
 */
export function risenPriority(sortKey: number, priority: Priority, virtualTime: number): Priority {
  const bands = (sortKey - virtualTime) / BAND_KEYS;
  const nearest = bands >= 0.5 ? "low" : bands >= -0.5 ? "normal" : "high";
  return BANDS[nearest] < BANDS[priority] ? nearest : priority;
}
