import { createCosObjectStore } from "../cloud/cos-object-store.ts";
import { createScfInvoker } from "../cloud/scf-invoker.ts";
import { createTencentContentCheck } from "../cloud/tencent-content-check.ts";
import { createWechatLogin, type WechatAccess } from "../cloud/wechat-login.ts";
import { createPresets } from "../core/caches/preset-cache.ts";
import { createPromptCacheTally } from "../core/caches/prompt-cache-stats.ts";
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
import { createContentGate, type ReviewPolicy } from "../core/moderation/moderate-content.ts";
import { passSafely, type PassCrashPoint } from "../core/ports/failpoints.ts";
import type { Log } from "../core/ports/log.ts";
import type { TaskConsumer } from "../core/ports/task-queue.ts";
import { openDatabase } from "../db/connection/open.ts";
import type { Db } from "../db/connection/db.ts";
import { createStore } from "../db/store.ts";
import type { BullConsumerOptions } from "../redis/bull-consumer.ts";
import type { RedisPlace } from "../redis/connect-redis.ts";
import { openEmbedded } from "../redis/open-embedded.ts";
import { openRedis } from "../redis/open-redis.ts";
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
  readonly crashPoint?: PassCrashPoint;
};

/** What the adapters were given; null where there is none. */
export type HandedOver = {
  readonly database: { readonly url: string; readonly connectionsMax: number };
  readonly redis: (RedisPlace & RedisOptions) | null;
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
  /** As the server says it; null for the embedded twins. */
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
  const { clock, random } = system;
  const database = { url: config.DATABASE_URL, connectionsMax: config.DATABASE_CONNECTIONS };
  const db = await openDatabase(database.url, {
    ...system,
    clockOffsetMs: overrides.clockOffsetMs ?? (() => 0),
    connectionsMax: database.connectionsMax,
  });
  try {
    const redis = redisOf(config, overrides);
    const wakeUps =
      redis === null
        ? openEmbedded({ ...system, log })
        : await openRedis(redis, { ...system, ...redis, log });
    const store = createStore(db);
    const settings = changeSettings(
      DEFAULT_TASK_SETTINGS,
      taskSettingsOf(config),
      ...(overrides.settings ?? []),
    );
    const { scfEndpoint, cosEndpoint, ...place } = cloud;
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
    const mini = wechatAccessOf(config) ?? overrides.wechat ?? null;
    const wechat = mini === null ? null : createWechatLogin({ ...mini, clock, log });
    const review = contentReviewOf(config);
    const contentGate =
      review === null
        ? null
        : createContentGate({
            check: createContentCheck(cloud),
            review,
            objects,
            cache,
            settings,
            log,
            ...system,
          });
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
        crashPoint: overrides.crashPoint ?? passSafely,
      },
      db,
      handed: { database, redis, cloud, wechat: mini, review },
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

function createContentCheck({ moderationEndpoint, secretId, secretKey, region }: CloudAccess) {
  return createTencentContentCheck({
    secretId,
    secretKey,
    region,
    ...endpoint(moderationEndpoint),
  });
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
