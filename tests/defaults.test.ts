import { expect, test } from "bun:test";
import { BODY_MS, DRAIN_BYTES_MAX, DRAIN_MS } from "../api/body/read-body.ts";
import { TOKEN_LIFE_S } from "../api/sign-in/tokens.ts";
import { AUDIT_SETTINGS } from "../core/admin/audit-ledger.ts";
import { IMAGE_LIMITS } from "../core/function-schemas/image-processor.ts";
import { VARIANT_WIDTHS } from "../core/function-schemas/image-operations.ts";
import { OUTPUT_LIMITS, WORK_MEGABYTES_MAX } from "../core/function-schemas/output-limits.ts";
import { FUNCTION_HEALTH_LIFE_MS } from "../core/invocation/function-health.ts";
import { FUNCTIONS } from "../core/model/functions.ts";
import { DEFAULT_PRICES } from "../core/model/pricing.ts";
import { DEFAULT_TASK_SETTINGS, lifeMsOf } from "../core/model/task-settings.ts";
import { TASK_TYPES } from "../core/model/task.ts";
import { SIGNED_URL_WINDOW_MS } from "../core/ports/cloud.ts";
import { CONTENT_LIMITS } from "../core/ports/content-check.ts";
import { EVENT_LOG_LIMITS } from "../core/ports/event-log.ts";
import { PRESET_LIMITS } from "../core/ports/preset-store.ts";
import { REGISTRY_LIMITS } from "../core/ports/process-registry.ts";
import { STORE_LIMITS } from "../core/ports/store-types.ts";
import { SEARCH_LIMITS } from "../scf-functions/ai-image-processor/cut-out/find-garment-apart.ts";

// Each number is a promise to somebody: who changes one changes it here as well, and in the CHANGELOG.

test("a customer pays 1 credit for a photo, 1 for a prompt and 10 for a picture, and an attempt is made three times", () => {
  expect(DEFAULT_PRICES).toEqual({ preprocess: 1, prompt: 1, image: 10 });
  expect(DEFAULT_TASK_SETTINGS.prices).toEqual(DEFAULT_PRICES);
  expect(DEFAULT_TASK_SETTINGS.retries).toEqual({
    attemptsMax: 3,
    triesMax: 3,
    attemptBackoffMs: 2_000,
    tryBackoffMs: 300,
  });
});

test("the limits of customers, queue and processes", () => {
  expect(DEFAULT_TASK_SETTINGS.limits).toEqual({
    dispatchWindow: 32,
    requestsPerMinute: 600,
    queueLimit: 100_000,
    customerQueueLimit: 10_000,
    outageQueueLimit: 5_000,
    customerStreams: 200,
    processStreams: 5_000,
    openUploads: 500,
    dailyUploadMegabytes: 200_000,
    taskLifeMs: 7_200_000,
    attemptMs: 900_000,
  });
  expect({ BODY_MS, DRAIN_BYTES_MAX, DRAIN_MS }).toEqual({
    BODY_MS: 60_000,
    DRAIN_BYTES_MAX: 64_000_000,
    DRAIN_MS: 5_000,
  });
});

test("the lives of tasks, leases, tokens, addresses and what is remembered", () => {
  const lives = TASK_TYPES.map((type) => [type, lifeMsOf(DEFAULT_TASK_SETTINGS, type)]);
  expect(Object.fromEntries(lives)).toEqual({
    FULL_GENERATION: 7_200_000,
    PREPROCESS_ONLY: 3_600_000,
    PROMPT_ONLY: 3_600_000,
    GENERATE_ONLY: 7_200_000,
  });
  expect(DEFAULT_TASK_SETTINGS.leases).toEqual({
    leaseMs: 15_000,
    heartbeatMs: 4_000,
    leaseMarginMs: 5_000,
  });
  expect(DEFAULT_TASK_SETTINGS.schedules).toEqual({ sweepMs: 3_000, dispatchMs: 2_000 });
  expect(AUDIT_SETTINGS).toEqual({ everyMs: 300_000, pollMs: 30_000 });
  expect({ TOKEN_LIFE_S, SIGNED_URL_WINDOW_MS, FUNCTION_HEALTH_LIFE_MS }).toEqual({
    TOKEN_LIFE_S: 3_600,
    SIGNED_URL_WINDOW_MS: 600_000,
    FUNCTION_HEALTH_LIFE_MS: 25_000,
  });
  expect(EVENT_LOG_LIMITS).toEqual({ eventsPerTaskMax: 500, lifeMs: 3_600_000 });
});

test("the functions as they are deployed, and how they are called", () => {
  const facts = Object.entries(FUNCTIONS).map(([name, one]) => {
    const { timeoutMs, memoryMb, concurrency, permitsMax } = one;
    return [name, [timeoutMs, memoryMb, concurrency, permitsMax]];
  });
  expect(Object.fromEntries(facts)).toEqual({
    "ai-image-processor": [30_000, 1_024, 8, 64],
    "prompt-generator": [60_000, 512, 8, 32],
    "image-generator": [300_000, 1_024, 8, 32],
  });
  expect(DEFAULT_TASK_SETTINGS.circuits).toEqual({
    circuitPatienceMs: 30_000,
    circuitResetMs: 10_000,
    pauseProbeMs: 5_000,
  });
  expect(DEFAULT_TASK_SETTINGS.calls).toEqual({
    functionTimeoutMs: {
      "ai-image-processor": 30_000,
      "prompt-generator": 60_000,
      "image-generator": 300_000,
    },
    functionGraceMs: 5_000,
    lookForObjectMs: 2_000,
    providerPerMinute: {
      "ai-image-processor": null,
      "prompt-generator": null,
      "image-generator": 500,
    },
    ratePatienceMs: 300_000,
  });
});

test("what a picture may be, and what may be made of it", () => {
  expect(IMAGE_LIMITS).toMatchObject({
    sourceBytesMax: 20_000_000,
    sourcePixelsMax: 25_000_000,
    connectTimeoutMs: 3_000,
    fetchTimeoutMs: 10_000,
  });
  expect(OUTPUT_LIMITS).toMatchObject({
    jpeg: { sideMax: 65_535, pixelsMax: 67_108_864 },
    png: { sideMax: 65_535, pixelsMax: 67_108_864 },
    webp: { sideMax: 16_383, pixelsMax: 25_000_000 },
    avif: { sideMax: 16_384, pixelsMax: 12_500_000 },
  });
  expect(WORK_MEGABYTES_MAX).toBe(640);
  expect(SEARCH_LIMITS).toEqual({ cpuMs: 2_000, timeMs: 10_000 });
  expect(VARIANT_WIDTHS).toEqual({ list: 240, card: 640, detail: 1_280 });
});

test("what the ports take at most", () => {
  expect(STORE_LIMITS).toEqual({
    createsPerBatchMax: 64,
    strandedAfterMs: 5_000,
    crashesMax: 5,
    pageMax: 101,
  });
  expect(CONTENT_LIMITS).toEqual({
    textCharsMax: 10_000,
    pictureBytesMax: 4_000_000,
    dataIdCharsMax: 64,
  });
  expect(PRESET_LIMITS).toEqual({ presetsMax: 500, keptRetiredMs: 86_400_000 });
  expect(REGISTRY_LIMITS).toEqual({ processesMax: 1_000, valueMaxBytes: 16_384 });
});
