import { createCosObjectStore } from "../cloud/cos-object-store.ts";
import { createScfInvoker } from "../cloud/scf-invoker.ts";
import { createTencentContentCheck } from "../cloud/tencent-content-check.ts";
import { createWechatLogin, type WechatAccess } from "../cloud/wechat-login.ts";
import {
  createContentGate,
  type ContentGate,
  type ContentGateDeps,
  type ReviewPolicy,
} from "../core/moderation/moderate-content.ts";
import type { Deps } from "../core/deps.ts";
import { createFunctionPauses } from "../core/invocation/function-pauses.ts";
import { passSafely, type PassCrashPoint } from "../core/ports/failpoints.ts";
import type { Log } from "../core/ports/log.ts";
import type { TaskConsumer } from "../core/ports/task-queue.ts";
import { createPresets } from "../core/caches/preset-cache.ts";
import { createPromptCache } from "../core/caches/prompt-cache.ts";
import { createPromptCacheTally } from "../core/caches/prompt-cache-stats.ts";
import { createResilientInvoker } from "../core/invocation/resilient-invoker.ts";
import { createUserCache } from "../core/caches/user-cache.ts";
import { system } from "./system.ts";
import { DEFAULT_TASK_SETTINGS, type TaskSettings } from "../core/model/task-settings.ts";
import { openDatabase, type Db } from "../db/connection/open.ts";
import { createStore } from "../db/store.ts";
import type { RedisPlace } from "../redis/connect-redis.ts";
import { openEmbedded } from "../redis/open-embedded.ts";
import { openRedis, type OpenRedisOptions } from "../redis/open-redis.ts";
import type { CloudAccess } from "../local/cloud-emulator/start-with-bundles.ts";

export type DepsOptions = {
  readonly databaseUrl: string;
  readonly connectionsMax?: number;
  /** Null: the embedded twins, for one process alone. */
  readonly redis: RedisPlace | null;
  readonly redisPrefix?: string;
  readonly cloud: CloudAccess;
  /** The mini-program whose users may sign in; nobody's by default. */
  readonly wechat?: WechatAccess | null;
  /** What becomes of content that is doubtful; null, as by default: none is checked. */
  readonly contentReview?: ReviewPolicy | null;
  readonly settings?: Partial<TaskSettings>;
  readonly consumer?: OpenRedisOptions["consumer"];
  readonly log: Log;
  readonly clockOffsetMs?: () => number;
  readonly crashPoint?: PassCrashPoint;
};

export type OpenedDeps = {
  readonly deps: Deps;
  readonly db: Db;
  readonly consumer: TaskConsumer;
  /** As the server says it; null for the embedded twins. */
  readonly redisVersion: string | null;
  /** Jobs that this process has run. */
  jobsDone(): number;
  close(): Promise<void>;
};

/** Every adapter that a process needs, chosen by what the options name: the one place that knows them all. */
export async function openDeps(options: DepsOptions): Promise<OpenedDeps> {
  const { log } = options;
  const { clock, random } = system;
  const db = await openDatabase(options.databaseUrl, {
    ...system,
    clockOffsetMs: options.clockOffsetMs ?? (() => 0),
    ...(options.connectionsMax === undefined ? {} : { connectionsMax: options.connectionsMax }),
  });
  try {
    const wakeUps = await openWakeUps(options);
    const store = createStore(db);
    const settings: TaskSettings = { ...DEFAULT_TASK_SETTINGS, ...options.settings };
    const { scfEndpoint, cosEndpoint, ...place } = options.cloud;
    const functions = createScfInvoker({ ...place, ...endpoint(scfEndpoint) });
    const functionPauses = createFunctionPauses({ store, clock, log, settings });
    const { queue, events, cache, rateLimiter, slots, roster, notices } = wakeUps;
    const presets = createPresets({ store, notices, clock });
    const users = createUserCache({ store, cache, notices });
    const tally = createPromptCacheTally(roster, random.token());
    const promptCache = createPromptCache({ cache, slots, clock, tally });
    const invoker = createResilientInvoker({
      functions,
      clock,
      log,
      pauses: functionPauses,
      settings,
      slots,
      rateLimiter,
      random,
    });
    const objects = createCosObjectStore({ ...system, ...place, ...endpoint(cosEndpoint) });
    const { wechat: mini = null } = options;
    const wechat = mini === null ? null : createWechatLogin({ ...mini, clock, log });
    const contentGate = openContentGate(options, { objects, cache, settings });
    const wires = { store, queue, events, cache, rateLimiter, slots, roster, notices, objects };
    return {
      deps: {
        ...wires,
        wechat,
        presets,
        users,
        promptCache,
        functions,
        invoker,
        functionPauses,
        contentGate,
        clock,
        random,
        log,
        settings,
        crashPoint: options.crashPoint ?? passSafely,
      },
      db,
      consumer: wakeUps.consumer,
      redisVersion: wakeUps.version,
      jobsDone: () => wakeUps.consumer.jobsDone(),
      async close() {
        presets.close();
        users.close();
        invoker.close();
        await wakeUps.close();
        await db.close();
      },
    };
  } catch (error) {
    await db.close();
    throw error;
  }
}

function openContentGate(
  { contentReview: review = null, cloud, log }: DepsOptions,
  parts: Pick<ContentGateDeps, "objects" | "cache" | "settings">,
): ContentGate | null {
  if (review === null) return null;
  const { moderationEndpoint, secretId, secretKey, region } = cloud;
  const keys = { secretId, secretKey, region };
  const check = createTencentContentCheck({ ...keys, ...endpoint(moderationEndpoint) });
  return createContentGate({
    ...parts,
    check,
    review,
    log,
    ...system,
  });
}

function openWakeUps({ redis, redisPrefix, consumer, log }: DepsOptions) {
  if (redis === null) return openEmbedded({ ...system, log });
  return openRedis(redis, {
    ...system,
    log,
    ...(redisPrefix === undefined ? {} : { prefix: redisPrefix }),
    ...(consumer === undefined ? {} : { consumer }),
  });
}

function endpoint(address: string | undefined): { endpoint?: string } {
  return address === undefined ? {} : { endpoint: address };
}
