import { createCosObjectStore } from "../cloud/cos-object-store.ts";
import { createScfInvoker } from "../cloud/scf-invoker.ts";
import { createTencentContentCheck } from "../cloud/tencent-content-check.ts";
import { createWechatLogin, type WechatAccess } from "../cloud/wechat-login.ts";
import { createPresets } from "../core/caches/preset-cache.ts";
import { createPromptCacheCounter } from "../core/caches/prompt-cache-stats.ts";
import { createPromptCache } from "../core/caches/prompt-cache.ts";
import { createUserCache } from "../core/caches/user-cache.ts";
import type { Deps } from "../core/deps.ts";
import { createFunctionPauses } from "../core/invocation/function-pauses.ts";
import { createResilientInvoker } from "../core/invocation/resilient-invoker.ts";
import {
  changeSettings,
  DEFAULT_TASK_SETTINGS,
  type SettingsChange,
} from "../core/model/task-settings.ts";
import {
  createModeration,
  type Moderation,
  type ReviewPolicy,
} from "../core/moderation/moderate-content.ts";
import { ignoreFailpoints, type PassFailpoint } from "../core/ports/failpoints.ts";
import type { Log } from "../core/ports/log.ts";
import type { TaskConsumer } from "../core/ports/task-queue.ts";
import { openDatabase } from "../db/connection/open.ts";
import type { Db } from "../db/connection/db.ts";
import { createStore } from "../db/store.ts";
import type { BullConsumerOptions } from "../redis/bull-consumer.ts";
import type { RedisAddress } from "../redis/connect-redis.ts";
import { openEmbedded } from "../redis/open-embedded.ts";
import { openRedis } from "../redis/open-redis.ts";
import type { RedisAdapters } from "../redis/redis-adapters.ts";
import {
  cloudAccessOf,
  contentReviewOf,
  missingCloudKeys,
  wechatAccessOf,
  type CloudAccess,
} from "./cloud-access.ts";
import type { Config } from "./config/parse-config.ts";
import { redisAddressOf } from "./redis-address.ts";
import { system } from "./system.ts";
import { taskSettingsOf } from "./task-settings.ts";

/** What a start changes of what the configuration says: where the cloud is embedded, and for tests. */
export type Overrides = {
  readonly cloud?: CloudAccess;
  readonly wechat?: WechatAccess;
  /** The later ones go before the earlier ones. */
  readonly settings?: readonly SettingsChange[];
  readonly consumer?: Pick<BullConsumerOptions, "lockMs" | "stalledCheckMs">;
  readonly clockOffsetMs?: () => number;
  readonly failpoint?: PassFailpoint;
};

/** What the adapters were given; null where there is none. */
export type HandedOver = {
  readonly database: { readonly url: string; readonly connectionsMax: number };
  readonly redis: (RedisAddress & RedisOptions) | null;
  readonly cloud: CloudAccess;
  readonly wechat: WechatAccess | null;
  readonly review: ReviewPolicy | null;
};

type RedisOptions = {
  readonly prefix: string;
  readonly consumer: Omit<BullConsumerOptions, "prefix" | "clock">;
};

export type OpenedDeps = {
  readonly deps: Deps;
  readonly db: Db;
  readonly consumer: TaskConsumer;
  /** As the server says it; null for the embedded adapters. */
  readonly redisVersion: string | null;
  /** What the adapters were given, for the line that says it. */
  readonly handed: HandedOver;
  /** Jobs that this process has run. */
  jobsDone(): number;
  close(): Promise<void>;
};

/**
 * Every adapter that a process needs, as the configuration names them: the one place that knows them all. Throws when
 * the configuration names no cloud and `overrides` bring none.
 */
export async function createDeps(
  config: Config,
  log: Log,
  overrides: Overrides = {},
): Promise<OpenedDeps> {
  const cloud = overrides.cloud ?? cloudAccessOf(config);
  if (cloud === null) throw new Error(`not set: ${missingCloudKeys(config).join(", ")}`);
  const handed: HandedOver = {
    cloud,
    database: { url: config.DATABASE_URL, connectionsMax: config.DATABASE_CONNECTIONS },
    redis: redisOf(config, overrides),
    wechat: wechatAccessOf(config) ?? overrides.wechat ?? null,
    review: contentReviewOf(config),
  };
  const { url, ...limits } = handed.database;
  const clockOffsetMs = overrides.clockOffsetMs ?? (() => 0);
  const db = await openDatabase(url, { ...system, ...limits, clockOffsetMs });
  try {
    const { redis } = handed;
    const adapters =
      redis === null
        ? openEmbedded({ ...system, log })
        : await openRedis(redis, { ...system, ...redis, log });
    const settings = changeSettings(
      DEFAULT_TASK_SETTINGS,
      taskSettingsOf(config),
      ...(overrides.settings ?? []),
    );
    const failpoint = overrides.failpoint ?? ignoreFailpoints;
    const deps = composeDeps(handed, { db, adapters, settings, log, failpoint });
    return {
      deps,
      db,
      handed,
      consumer: adapters.consumer,
      redisVersion: adapters.version,
      jobsDone: () => adapters.consumer.jobsDone(),
      async close() {
        deps.presets.close();
        deps.users.close();
        deps.invoker.close();
        await adapters.close();
        await db.close();
      },
    };
  } catch (error) {
    await db.close();
    throw error;
  }
}

type Parts = Pick<Deps, "settings" | "log" | "failpoint"> & {
  readonly db: Db;
  readonly adapters: RedisAdapters;
};

/** The use cases' parts on the adapters that were opened. */
function composeDeps(handed: HandedOver, { db, adapters, settings, log, failpoint }: Parts): Deps {
  const { clock, random } = system;
  const { queue, events, cache, rateLimiter, semaphore, registry, broadcast } = adapters;
  const { scfEndpoint, cosEndpoint, ...access } = handed.cloud;
  const store = createStore(db);
  const objects = createCosObjectStore({ ...system, ...access, ...endpoint(cosEndpoint) });
  const functions = createScfInvoker({ ...access, ...endpoint(scfEndpoint) });
  const functionPauses = createFunctionPauses({ store, clock, log, settings });
  const counter = createPromptCacheCounter(registry, random.token());
  const { wechat } = handed;
  return {
    store,
    queue,
    events,
    cache,
    rateLimiter,
    semaphore,
    registry,
    broadcast,
    objects,
    functions,
    functionPauses,
    clock,
    random,
    log,
    settings,
    failpoint,
    wechat: wechat === null ? null : createWechatLogin({ ...wechat, clock, log }),
    presets: createPresets({ store, broadcast, clock }),
    users: createUserCache({ store, cache, broadcast }),
    promptCache: createPromptCache({ cache, semaphore, clock, counter }),
    invoker: createResilientInvoker({
      ...system,
      functions,
      log,
      pauses: functionPauses,
      settings,
      semaphore,
      rateLimiter,
    }),
    moderation: openModeration(handed, { objects, cache, settings, log }),
  };
}

function openModeration(
  { review, cloud }: HandedOver,
  parts: Pick<Deps, "objects" | "cache" | "settings" | "log">,
): Moderation | null {
  if (review === null) return null;
  const { moderationEndpoint, secretId, secretKey, region } = cloud;
  const keys = { secretId, secretKey, region };
  const check = createTencentContentCheck({ ...keys, ...endpoint(moderationEndpoint) });
  return createModeration({ ...system, ...parts, check, review });
}

function redisOf(config: Config, { consumer }: Overrides): HandedOver["redis"] {
  const address = redisAddressOf(config);
  if (address === null) return null;
  const max = config.WORKER_JOBS_PER_SECOND;
  const rateLimit = max === undefined ? {} : { rateLimit: { max, durationMs: 1_000 } };
  return { ...address, prefix: config.REDIS_PREFIX, consumer: { ...rateLimit, ...consumer } };
}

function endpoint(address: string | undefined): { endpoint?: string } {
  return address === undefined ? {} : { endpoint: address };
}
