import { UNKNOWN_COSTS, type UnitCosts } from "./unit-costs.ts";
import { DEFAULT_PRICES } from "./pricing.ts";
import type { FunctionName } from "./functions.ts";
import { FUNCTIONS } from "./functions.ts";
import type { Prices, TaskType } from "./task.ts";

/** The numbers of a task's life. Tests shorten times; production keeps these defaults. */
export type TaskSettings = {
  readonly prices: Prices;
  /** What the operator pays, for the view of costs alone. */
  readonly unitCosts: UnitCosts;
  readonly imageModel: string;
  readonly limits: TaskLimits;
  readonly leases: LeaseTimes;
  readonly schedules: ScheduleTimes;
  readonly retries: RetryLimits;
  readonly circuits: CircuitTimes;
  readonly calls: CallLimits;
};

type TaskLimits = {
  /** Tasks that the queue may hold; at least twice all workers' concurrency. */
  readonly dispatchWindow: number;
  /** HTTP requests of one customer, all of them; also the burst. */
  readonly requestsPerMinute: number;
  /** Tasks that may wait, and of those of one customer how many may wait or run; more are refused at create. */
  readonly queueLimit: number;
  readonly customerQueueLimit: number;
  /** How many may wait while Redis is away, when they are accepted and nothing is done. */
  readonly outageQueueLimit: number;
  /** Event streams and waiting requests that one customer, and all together, may have open at one process. */
  readonly customerStreams: number;
  readonly processStreams: number;
  /** Upload forms of one customer that are neither named in a task nor expired. */
  readonly openUploads: number;
  /** What one customer may upload in a day, by the limits of their forms. */
  readonly dailyUploadMegabytes: number;
  /** The longest that any task may live; some types live shorter (`lifeMsOf`). */
  readonly taskLifeMs: number;
  /** One attempt of one task may run this long. */
  readonly attemptMs: number;
};

type LeaseTimes = {
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /** A worker that has not renewed until this long before the lease ends stops its calls. */
  readonly leaseMarginMs: number;
};

type ScheduleTimes = { readonly sweepMs: number; readonly dispatchMs: number };

type RetryLimits = {
  readonly attemptsMax: number;
  readonly triesMax: number;
  /** First wait of the growing ones between attempts and between tries of one call. */
  readonly attemptBackoffMs: number;
  readonly tryBackoffMs: number;
};

type CircuitTimes = {
  /** How long a step with a lesser replacement waits for its open circuit. */
  readonly circuitPatienceMs: number;
  readonly circuitResetMs: number;
  /** While a function is paused: how often one task may look whether it works again. */
  readonly pauseProbeMs: number;
};

type CallLimits = {
  readonly functionTimeoutMs: Readonly<Record<FunctionName, number>>;
  /** The caller waits this much longer than the function may run, so that its own answer arrives first. */
  readonly functionGraceMs: number;
  /** How often the object of an in-doubt call is looked for. */
  readonly lookForObjectMs: number;
  /** What the provider behind each function takes of all our processes together (of pictures: each one); null: no limit. */
  readonly providerPerMinute: Readonly<Record<FunctionName, number | null>>;
  /** How long a call waits until it is its turn to be given of that; less than an attempt, which then is not spent. */
  readonly ratePatienceMs: number;
};

/** Some settings that are to be others; what is left out of a group stays as it is. */
export type SettingsChange = {
  readonly [Name in keyof TaskSettings]?: TaskSettings[Name] extends object
    ? Partial<TaskSettings[Name]>
    : TaskSettings[Name];
};

export const DEFAULT_TASK_SETTINGS: TaskSettings = {
  prices: DEFAULT_PRICES,
  unitCosts: UNKNOWN_COSTS,
  imageModel: "doubao-seedream-4-0-250828",
  limits: {
    dispatchWindow: 32,
    requestsPerMinute: 600,
    queueLimit: 100_000,
    customerQueueLimit: 10_000,
    outageQueueLimit: 5_000,
    customerStreams: 200,
    processStreams: 5_000,
    openUploads: 500,
    dailyUploadMegabytes: 200_000,
    taskLifeMs: 2 * 3_600_000,
    attemptMs: 15 * 60_000,
  },
  leases: { leaseMs: 15_000, heartbeatMs: 4_000, leaseMarginMs: 5_000 },
  schedules: { sweepMs: 3_000, dispatchMs: 2_000 },
  retries: { attemptsMax: 3, triesMax: 3, attemptBackoffMs: 2_000, tryBackoffMs: 300 },
  circuits: { circuitPatienceMs: 30_000, circuitResetMs: 10_000, pauseProbeMs: 5_000 },
  calls: {
    functionTimeoutMs: {
      "ai-image-processor": FUNCTIONS["ai-image-processor"].timeoutMs,
      "prompt-generator": FUNCTIONS["prompt-generator"].timeoutMs,
      "image-generator": FUNCTIONS["image-generator"].timeoutMs,
    },
    functionGraceMs: 5_000,
    lookForObjectMs: 2_000,
    providerPerMinute: {
      "ai-image-processor": null,
      "prompt-generator": null,
      // Ark's own limit for each of its image models.
      "image-generator": 500,
    },
    ratePatienceMs: 5 * 60_000,
  },
};

/** The settings with every change made, group by group; the later change goes before the earlier one. */
export function changeSettings(
  settings: TaskSettings,
  ...changes: readonly SettingsChange[]
): TaskSettings {
  return changes.reduce<TaskSettings>(
    (before, change) => ({
      prices: { ...before.prices, ...change.prices },
      unitCosts: { ...before.unitCosts, ...change.unitCosts },
      imageModel: change.imageModel ?? before.imageModel,
      limits: { ...before.limits, ...change.limits },
      leases: { ...before.leases, ...change.leases },
      schedules: { ...before.schedules, ...change.schedules },
      retries: { ...before.retries, ...change.retries },
      circuits: { ...before.circuits, ...change.circuits },
      calls: { ...before.calls, ...change.calls },
    }),
    settings,
  );
}

/** How long a call of the function may be under way, seen from its caller. */
export function callLimitMs(settings: Pick<TaskSettings, "calls">, name: FunctionName): number {
  return settings.calls.functionTimeoutMs[name] + settings.calls.functionGraceMs;
}

/**
 * How long a task of each type may take from its create to its end, waiting included. Photos and prompts are waited for
 * by somebody who looks on; pictures are worth waiting for through a long outage of a provider.
 */
const LIFE_MS: Record<TaskType, number> = {
  FULL_GENERATION: 2 * 3_600_000,
  GENERATE_ONLY: 2 * 3_600_000,
  PREPROCESS_ONLY: 3_600_000,
  PROMPT_ONLY: 3_600_000,
};

export function lifeMsOf(settings: Pick<TaskSettings, "limits">, type: TaskType): number {
  return Math.min(settings.limits.taskLifeMs, LIFE_MS[type]);
}
