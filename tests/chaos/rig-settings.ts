import type { SettingsChange } from "../../core/model/task-settings.ts";

/** The product's times, made short in the same proportions, so that minutes show what takes hours in life. */
export const RIG_SETTINGS = {
  limits: { requestsPerMinute: 1_000_000, customerQueueLimit: 1_000_000, taskLifeMs: 90_000 },
  leases: { leaseMs: 2_000, heartbeatMs: 500, leaseMarginMs: 700 },
  schedules: { sweepMs: 500, dispatchMs: 500 },
  retries: { attemptBackoffMs: 300, tryBackoffMs: 50 },
  circuits: { circuitPatienceMs: 3_000, circuitResetMs: 1_000, pauseProbeMs: 1_000 },
  calls: {
    lookForObjectMs: 300,
    functionGraceMs: 500,
    functionTimeoutMs: {
      "ai-image-processor": 4_000,
      "prompt-generator": 4_000,
      "image-generator": 4_000,
    },
  },
} as const satisfies SettingsChange;
