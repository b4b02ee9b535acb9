import { createLog } from "../core/resilience/log.ts";

/** A log that nobody reads. */
export const silentLog = createLog({
  format: "json",
  level: "quiet",
  write: () => undefined,
  nowMs: Date.now,
});
