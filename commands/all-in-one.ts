import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { App } from "../api/app.ts";
import { startApi } from "../api/start-api.ts";
import type { WechatAccess } from "../cloud/wechat-login.ts";
import type { ReviewPolicy } from "../core/moderation/moderate-content.ts";
import type { Deps } from "../core/deps.ts";
import type { TaskSettings } from "../core/model/task-settings.ts";
import { migrate } from "../db/migrations/migrate.ts";
import type { Db } from "../db/connection/open.ts";
import type { RedisPlace } from "../redis/connect-redis.ts";
import { startWorker } from "../worker/worker.ts";
import type { LoopbackCloud } from "../local/cloud-emulator/start-loopback-cloud.ts";
import { openDeps } from "../runtime/create-deps.ts";
import { STAND_IN_APP } from "../local/provider-emulators/wechat-stand-in.ts";
import {
  startLocalCloud,
  type CloudAccess,
  type LocalCloudOptions,
} from "../local/cloud-emulator/start-with-bundles.ts";

/** `dataDir` is where everything goes that this house writes. */
export type HouseOptions = LocalCloudOptions & {
  /** `sqlite:<path>` or `mysql://…`; by default a SQLite file in `dataDir`. */
  readonly databaseUrl?: string | undefined;
  /** By default the embedded twins in memory. */
  readonly redis?: RedisPlace | null;
  readonly redisPrefix?: string;
  readonly port?: number;
  readonly hostname?: string;
  readonly jwtSecret?: string;
  readonly settings?: Partial<TaskSettings>;
  readonly workerConcurrency?: number;
  /** Tencent Cloud itself; without it a loopback cloud is started. */
  readonly realCloud?: CloudAccess;
  /** A mini-program of WeChat itself; without it the loopback cloud's, or none. */
  readonly wechat?: WechatAccess | null;
  /** Whether words and pictures are checked, and what becomes of doubtful ones; null, as by default: they are not. */
  readonly contentReview?: ReviewPolicy | null;
  readonly clockOffsetMs?: () => number;
};

/** The whole product in one process, with the loopback cloud in a second and each function in a child of that. */
export type House = {
  readonly url: string;
  readonly app: App;
  readonly db: Db;
  readonly deps: Deps;
  /** Null when the house works on Tencent Cloud itself. */
  readonly cloud: LoopbackCloud | null;
  readonly databaseUrl: string;
  /** As the server says it; null for the embedded twins. */
  readonly redisVersion: string | null;
  /** Queue jobs that this house has run. */
  jobsDone(): number;
  /** Takes no more, hands running tasks back, and closes everything; 5 s at most for each part. */
  stop(): Promise<void>;
};

const STOP_GRACE_MS = 5_000;

export async function openHouse(options: HouseOptions): Promise<House> {
  const { dataDir, log } = options;
  mkdirSync(dataDir, { recursive: true });
  const databaseUrl = options.databaseUrl ?? `sqlite:${join(dataDir, "drape.sqlite")}`;
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const close of stops.splice(0).toReversed()) await close();
  };
  try {
    const { access, cloud } = await reachCloud(options);
    if (cloud !== null) stops.push(() => cloud.stop());
    const { redisPrefix, settings, clockOffsetMs, redis = null } = options;
    const opened = await openDeps({
      databaseUrl,
      redis,
      cloud: access,
      wechat: options.wechat ?? standInOf(cloud),
      contentReview: options.contentReview ?? null,
      log,
      ...(redisPrefix === undefined ? {} : { redisPrefix }),
      ...(settings === undefined ? {} : { settings }),
      ...(clockOffsetMs === undefined ? {} : { clockOffsetMs }),
    });
    stops.push(() => opened.close());
    const { deps, db, consumer, redisVersion, jobsDone } = opened;
    await migrate(db.kysely);
    const worker = startWorker({ ...deps, consumer }, options.workerConcurrency ?? 8);
    stops.push(() => worker.stop(STOP_GRACE_MS));
    const api = await startApi(deps, {
      port: options.port ?? 0,
      hostname: options.hostname ?? "127.0.0.1",
      jwtSecret: options.jwtSecret ?? randomBytes(32).toString("hex"),
      imageSourceAllow: options.imageSourceAllow ?? "",
    });
    stops.push(() => api.stop(STOP_GRACE_MS));
    log.start("drape is listening", { url: api.url });
    const { url, app } = api;
    return { url, app, db, deps, cloud, databaseUrl, redisVersion, jobsDone, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The mini-program of the loopback cloud, in which the code `dev-<name>` is that person. */
function standInOf(cloud: LoopbackCloud | null): WechatAccess | null {
  const url = cloud?.providersUrl ?? null;
  return url === null ? null : { ...STAND_IN_APP, baseUrl: url };
}

/** The cloud that the options name, or a loopback one started for this house. */
async function reachCloud(
  options: HouseOptions,
): Promise<{ access: CloudAccess; cloud: LoopbackCloud | null }> {
  if (options.realCloud !== undefined) return { access: options.realCloud, cloud: null };
  return startLocalCloud(options);
}
