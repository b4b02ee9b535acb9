/**
 * The moments between two things that are not atomic. A process may die at any of them; the fault rig makes it die at
 * each one by name.
 */
export const FAILPOINTS = [
  "create: before the transaction",
  "create: committed, not published",
  "create: published, not queued",
  "create: queued, not answered",
  "cancel: committed, not answered",
  "dispatch: marked, not added",
  "dispatch: added",
  "sweep: found, not repaired",
  "sweep: repaired",
  "claim: before the transaction",
  "claim: committed, not published",
  "claim: published, lease not kept",
  "step: answered, not stored",
  "step: stored, not published",
  "step: published",
  "paid call: before the transaction",
  "paid call: committed, not published",
  "paid call: published, not sent",
  "paid call: forgotten",
  "in-doubt call: found, not taken",
  "requeue: before the transaction",
  "requeue: committed, not published",
  "settle: before the transaction",
  "settle: committed, not published",
  "settle: published",
  "job: done, not acknowledged",
] as const;
export type Failpoint = (typeof FAILPOINTS)[number];

/** Passed at each of those moments. In the product it does nothing; the fault rig ends the process there. */
export type PassFailpoint = (point: Failpoint) => void;

export const ignoreFailpoints: PassFailpoint = () => undefined;
