import type { Moderation } from "../core/moderation/moderate-content.ts";
import { freshId } from "../core/model/ids.fixture.ts";
import { FUNCTION_NAMES, type FunctionName } from "../core/model/functions.ts";
import { createFunctionPauses } from "../core/invocation/function-pauses.ts";
import { LeaseKeeper } from "../core/tasks/lease-keeper.ts";
import { ignoreFailpoints } from "../core/ports/failpoints.ts";
import type { FunctionInvoker, ObjectStore } from "../core/ports/cloud.ts";
import { createPresets } from "../core/caches/preset-cache.ts";
import { createPromptCache } from "../core/caches/prompt-cache.ts";
import { createPromptCacheCounter } from "../core/caches/prompt-cache-stats.ts";
import { priceOf } from "../core/model/pricing.ts";
import { createResilientInvoker } from "../core/invocation/resilient-invoker.ts";
import { runTask } from "../core/tasks/run-task.ts";
import { systemClock } from "../runtime/system-clock.ts";
import type { ImageSource, TaskRequest } from "../core/model/task.ts";
import {
  changeSettings,
  DEFAULT_TASK_SETTINGS,
  type SettingsChange,
} from "../core/model/task-settings.ts";
import { photosOf } from "../core/model/task-photos.ts";
import { migrate } from "../db/migrations/migrate.ts";
import { openDatabase } from "../db/connection/open.ts";
import { createStore } from "../db/store.ts";
import { verifyLedger } from "../db/ledger-audit/verify-ledger.ts";
import { until } from "./until.ts";
import { EmbeddedCache } from "../redis/embedded-cache.ts";
import { EmbeddedEventLog } from "../redis/embedded-event-log.ts";
import { EmbeddedLeases } from "../redis/embedded-leases.ts";
import { EmbeddedBroadcast } from "../redis/embedded-broadcast.ts";
import { EmbeddedRateLimiter } from "../redis/embedded-rate-limiter.ts";
import { EmbeddedProcessRegistry } from "../redis/embedded-process-registry.ts";
import { LeaseSemaphore } from "../redis/lease-semaphore.ts";
import { silentLog } from "./silent-log.ts";
import { system } from "../runtime/system.ts";

export type Answer = (event: never, signal: AbortSignal) => unknown;
export type Script = Partial<Record<FunctionName, Answer>>;

const QUICK: SettingsChange = {
  retries: { tryBackoffMs: 1, attemptBackoffMs: 1 },
  circuits: { circuitPatienceMs: 20, circuitResetMs: 20, pauseProbeMs: 20 },
  calls: { lookForObjectMs: 5, functionGraceMs: 100 },
};

/**
 * The real rules on a real SQLite, with functions that answer from a script and objects in memory: for what the
 * emulated cloud cannot be made to do at an exact moment.
 */
export async function openScriptedApp(script: Script, settings: SettingsChange = {}) {
  const calls: { readonly name: FunctionName; readonly event: unknown }[] = [];
  const objects = new Map<string, number>();
  let offsetMs = 0;
  const db = await openDatabase("sqlite::memory:", { ...system, clockOffsetMs: () => offsetMs });
  await migrate(db.kysely);
  const store = createStore(db);
  const allSettings = changeSettings(DEFAULT_TASK_SETTINGS, QUICK, settings);
  const functions: FunctionInvoker = {
    async call(name, event, signal) {
      calls.push({ name, event });
      const answer = script[name] ?? DEFAULT_ANSWERS[name];
      return answer(event as never, signal);
    },
    describe: async () => ({ deployed: true, active: true, detail: "Active" }),
  };
  const clock = systemClock;
  const pauses = createFunctionPauses({ store, clock, log: silentLog, settings: allSettings });
  const random = { ...system.random, fraction: () => 0.5 };
  const semaphore = new LeaseSemaphore(new EmbeddedLeases(clock), system);
  const rateLimiter = new EmbeddedRateLimiter(clock);
  const invoker = createResilientInvoker({
    functions,
    clock,
    log: silentLog,
    pauses,
    settings: allSettings,
    semaphore,
    rateLimiter,
    random,
  });
  const presets = createPresets({ store, broadcast: new EmbeddedBroadcast(silentLog), clock });
  const counter = createPromptCacheCounter(new EmbeddedProcessRegistry(clock), "process_test");
  const promptCache = createPromptCache({
    cache: new EmbeddedCache(clock),
    semaphore,
    clock,
    counter,
  });
  const events = new EmbeddedEventLog(clock);
  const deps = {
    store,
    events,
    invoker,
    objects: headOnly(objects),
    presets,
    promptCache,
    moderation: null as Moderation | null,
    clock,
    random,
    log: silentLog,
    settings: allSettings,
    failpoint: ignoreFailpoints,
  };
  const leases = new LeaseKeeper(deps);
  const worker = { id: "wkr_test", leases };
  const signal = new AbortController().signal;
  return {
    calls,
    objects,
    rateLimiter,
    store,
    events,
    deps,
    leases,
    advance: (ms: number) => void (offsetMs += ms),
    run: (taskId: string, stop: AbortSignal = signal) => runTask(deps, taskId, worker, stop),
    /** Runs the task until it has ended, as the queue would wake it. */
    async runToEnd(taskId: string) {
      for (let turns = 0; turns < 20; turns += 1) {
        await runTask(deps, taskId, worker, signal);
        const task = await store.tasks.find(taskId);
        if (task === null) throw new Error("the task vanished");
        if (task.settled !== null) return task;
        offsetMs += 60_000;
        // A paused function may be looked at again after a moment of this process's own time.
        await clock.sleep(allSettings.circuits.pauseProbeMs / 5, signal);
        await until(async () =>
          FUNCTION_NAMES.every((name) => invoker.health(name).circuit !== "open"),
        );
      }
      throw new Error("the task did not end");
    },
    createTask: (n = 2) => createTask(store, fullGeneration(n), [{ url: PHOTO }]),
    /** A task of any type, its photos at those addresses. */
    createTaskOf: (request: TaskRequest, owner?: string) =>
      createTask(
        store,
        request,
        photosOf(request).map(({ address }) => ({ url: address })),
        owner,
      ),
    createCustomer: (credits: number) => createCustomer(store, credits),
    countOf: (name: FunctionName) => calls.filter((call) => call.name === name).length,
    async broken() {
      const results = await verifyLedger(db.kysely, 0);
      return results.filter(({ findings }) => findings.length > 0);
    },
    close: () => store.close(),
  };
}

const picture = { width: 64, height: 64, bytes: 900, format: "jpeg" };

type ProcessorEvent = {
  action: string;
  source?: { url?: string; key?: string };
  to?: string;
  images?: { to: string }[];
};
type GeneratorEvent = { images: { index: number; key: string }[] };

const DEFAULT_ANSWERS: Record<FunctionName, Answer> = {
  "ai-image-processor": ({ source, to, images }: ProcessorEvent) => ({
    ok: true,
    result: images === undefined ? pictureAt(to ?? keyOf(source)) : processed(images),
  }),
  "prompt-generator": () => ({ ok: true, result: draft }),
  "image-generator": (event: GeneratorEvent) => ({ ok: true, result: made(event.images) }),
};

/** Another address is another picture. */
function keyOf(source: ProcessorEvent["source"]): string {
  return `u/in/${(source?.url ?? source?.key ?? "").split("/").at(-1)}`;
}

function pictureAt(key: string) {
  return { key, ...picture, sourceBytes: 1_000 };
}

export function processed(images: readonly { to: string }[]) {
  return { items: images.map(({ to }) => ({ ok: true, image: pictureAt(to), variants: [] })) };
}

const draft = {
  garment: { type: "dress", colors: ["red"], pattern: "plain" },
  promptZh: "红色连衣裙，摄影棚，优雅风格，柔和光线",
  promptEn: "A red dress in a studio, elegant, soft light.",
  model: "scripted",
  usage: { promptTokens: 1, completionTokens: 1 },
};

export function made(images: readonly { index: number; key: string }[]) {
  return {
    images: images.map((image) => ({ ok: true, ...image, ...picture, provider: "scripted" })),
    usage: { generatedImages: images.length, outputTokens: 0 },
  };
}

export function missed(images: readonly { index: number }[], failure: object) {
  return {
    images: images.map(({ index }) => ({ ok: false, index, failure })),
    usage: { generatedImages: 0, outputTokens: 0 },
  };
}

function headOnly(objects: ReadonlyMap<string, number>): ObjectStore {
  const unused = () => {
    throw new Error("the pipeline only looks objects up");
  };
  return {
    head: async (key) => {
      const bytes = objects.get(key);
      return bytes === undefined ? null : { bytes, contentType: "image/jpeg", etag: "x" };
    },
    put: unused,
    get: unused,
    delete: unused,
    signedGetUrl: unused,
    signedUploadForm: unused,
    objectUrl: unused,
    keyOfUrl: unused,
  };
}

const PHOTO = "https://example.com/a.jpg";

function fullGeneration(n: number): TaskRequest {
  const options = { size: "1024x1024", quality: "standard", n } as const;
  const input = {
    clothingImages: [PHOTO],
    sceneType: "studio",
    stylePreference: "elegant",
    options,
  };
  return { type: "FULL_GENERATION", input };
}

async function createTask(
  store: Awaited<ReturnType<typeof createStore>>,
  request: TaskRequest,
  sources: readonly ImageSource[],
  owner?: string,
): Promise<string> {
  const createdAtMs = Date.now();
  const userId = owner ?? (await createCustomer(store, 100));
  const id = freshId("task", createdAtMs);
  const prices = DEFAULT_TASK_SETTINGS.prices;
  const task = {
    ...request,
    id,
    userId,
    priority: "normal",
    prices,
    sources,
    heldCredits: priceOf(request, prices),
    metadata: {},
    lifeMs: 7_200_000,
  } as const;
  const [outcome] = await store.tasks.create([{ task, idempotency: null, answer: () => id }], 100);
  if (outcome?.kind !== "created") throw new Error("the task was not created");
  return id;
}

async function createCustomer(
  store: Awaited<ReturnType<typeof createStore>>,
  amount: number,
): Promise<string> {
  const createdAtMs = Date.now();
  const userId = freshId("usr", createdAtMs);
  const email = `${userId}@example.com`;
  await store.users.create({ id: userId, email, passwordHash: "x", role: "customer", createdAtMs });
  const id = freshId("trf", createdAtMs);
  await store.credits.grant({ id, userId, amount, reason: "test", actor: "system" });
  return userId;
}
