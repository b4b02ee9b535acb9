/**
 * The moments between two things that are not atomic. A process may die at any of them; the fault rig makes it die at
 * each one by name.
 */
export const CRASH_POINTS = [
  "create: before the transaction",
  "create: committed, not told",
  "create: told, not woken",
  "create: woken, not answered",
  "cancel: committed, not answered",
  "dispatch: marked, not added",
  "dispatch: added",
  "sweep: found, not repaired",
  "sweep: repaired",
  "claim: before the transaction",
  "claim: committed, not told",
  "claim: told, lease not kept",
  "step: answered, not stored",
  "step: stored, not told",
  "step: told",
  "ask: before the transaction",
  "ask: committed, not told",
  "ask: told, not sent",
  "ask: forgotten",
  "lost answer: found, not taken",
  "requeue: before the transaction",
  "requeue: committed, not told",
  "settle: before the transaction",
  "settle: committed, not told",
  "settle: told",
  "job: done, not acknowledged",
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** Passed at each of those moments. In the product it does nothing; the fault rig ends the process there. */
export type PassCrashPoint = (point: CrashPoint) => void;

export const passSafely: PassCrashPoint = () => undefined;
