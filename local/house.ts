import { randomBytes } from "node:crypto";
import { mkdirSync, symlinkSync, existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createApp, type App } from "../api/app.ts";
import { serve, type Server } from "../api/serve.ts";
import { createCosObjectStore } from "../cloud/cos-object-store.ts";
import { createScfInvoker } from "../cloud/scf-invoker.ts";
import { createBatcher } from "../core/create-batcher.ts";
import type { Deps } from "../core/deps.ts";
import { createFunctionPauses } from "../core/function-pauses.ts";
import type { Log } from "../core/ports/log.ts";
import { createResilientInvoker } from "../core/resilient-invoker.ts";
import { systemClock } from "../core/system-clock.ts";
import { DEFAULT_TASK_SETTINGS, type TaskSettings } from "../core/task-settings.ts";
import { migrate } from "../db/migrate.ts";
import { openDatabase, type Db } from "../db/open.ts";
import { createStore } from "../db/store.ts";
import { EmbeddedCache } from "../redis/embedded-cache.ts";
import { EmbeddedEventLog } from "../redis/embedded-event-log.ts";
import { EmbeddedQueue } from "../redis/embedded-queue.ts";
import { EmbeddedRateLimiter } from "../redis/embedded-rate-limiter.ts";
import { buildFunctions } from "../scf-functions/build.ts";
import { startWorker } from "../worker/worker.ts";
import { startLoopbackCloud, type LoopbackCloud } from "./loopback/start-loopback-cloud.ts";

export type HouseOptions = {
  /** Everything that this house writes goes here. */
  readonly dataDir: string;
  readonly log: Log;
  /** `sqlite:<path>`; by default a file in `dataDir`. */
  readonly databaseUrl?: string;
  readonly port?: number;
  readonly hostname?: string;
  readonly jwtSecret?: string;
  readonly settings?: Partial<TaskSettings>;
  readonly workerConcurrency?: number;
  /** `host:port` list of plain http photo servers that may be read. */
  readonly imageSourceAllow?: string;
  readonly extraFunctionEnv?: Record<string, string>;
  readonly timeLimitsMs?: Record<string, number>;
  /** Keys that the product uses, when they shall differ from those that the loopback cloud knows. */
  readonly productKeys?: Partial<Keys>;
  /** Tencent Cloud itself; without it a loopback cloud is started. */
  readonly realCloud?: CloudAccess;
  readonly clockOffsetMs?: () => number;
};

type Keys = { readonly secretId: string; readonly secretKey: string };

/** Where the functions and objects are, and the keys to them. */
export type CloudAccess = Keys & {
  readonly region: string;
  readonly bucket: string;
  readonly namespace: string;
  /** `127.0.0.1:port` of the loopback cloud; absent for Tencent's own. */
  readonly scfEndpoint?: string;
  readonly cosEndpoint?: string;
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
  /** Takes no more, hands running tasks back, and closes everything; 5 s at most for each part. */
  stop(): Promise<void>;
};

const STOP_GRACE_MS = 5_000;
const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const REGION = "ap-guangzhou";
const BUCKET = "drape-1250000000";
const NAMESPACE = "default";

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
    const db = await openDatabase(databaseUrl, {
      clockOffsetMs: options.clockOffsetMs ?? (() => 0),
    });
    stops.push(() => db.close());
    await migrate(db.kysely);
    const { deps, queue } = wire(options, db, access);
    stops.push(async () => deps.invoker.close());
    const worker = startWorker({ ...deps, consumer: queue }, options.workerConcurrency ?? 8);
    stops.push(() => worker.stop(STOP_GRACE_MS));
    const { app, server } = await openApi(options, deps);
    stops.push(() => server.stop(STOP_GRACE_MS));
    log.start("drape is listening", { url: server.url });
    return { url: server.url, app, db, deps, cloud, databaseUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The cloud that the options name, or a loopback one started for this house. */
async function reachCloud(
  options: HouseOptions,
): Promise<{ access: CloudAccess; cloud: LoopbackCloud | null }> {
  if (options.realCloud !== undefined) return { access: options.realCloud, cloud: null };
  const keys = { secretId: "AKIDloopback", secretKey: randomBytes(24).toString("hex") };
  const cloud = await startCloud(options, keys);
  const { scfEndpoint, cosEndpoint } = cloud;
  const place = { region: REGION, bucket: BUCKET, namespace: NAMESPACE, scfEndpoint, cosEndpoint };
  return { access: { ...place, ...keys, ...options.productKeys }, cloud };
}

async function startCloud(options: HouseOptions, keys: Keys): Promise<LoopbackCloud> {
  const { dataDir, log } = options;
  const functionsDir = join(dataDir, "functions");
  await buildFunctions(functionsDir);
  // The bundles leave sharp outside: it is found through this link, as through the package's own folder.
  const link = join(dataDir, "node_modules");
  if (!existsSync(link)) symlinkSync(join(PROJECT, "node_modules"), link, "dir");
  return startLoopbackCloud({
    ...keys,
    region: REGION,
    namespace: NAMESPACE,
    bucket: BUCKET,
    dataDir: join(dataDir, "cloud"),
    functionsDir,
    providerStandIns: true,
    ...(options.imageSourceAllow === undefined
      ? {}
      : { imageSourceAllow: options.imageSourceAllow }),
    ...(options.extraFunctionEnv === undefined
      ? {}
      : { extraFunctionEnv: options.extraFunctionEnv }),
    ...(options.timeLimitsMs === undefined ? {} : { timeLimitsMs: options.timeLimitsMs }),
    onLog: (line) => log.info(`cloud: ${line}`),
  });
}

function wire(
  options: HouseOptions,
  db: Db,
  access: CloudAccess,
): { deps: Deps; queue: EmbeddedQueue } {
  const { log } = options;
  const clock = systemClock;
  const settings: TaskSettings = { ...DEFAULT_TASK_SETTINGS, ...options.settings };
  const store = createStore(db);
  const queue = new EmbeddedQueue(log);
  const { scfEndpoint, cosEndpoint, ...place } = access;
  const functions = createScfInvoker({
    ...place,
    ...(scfEndpoint === undefined ? {} : { endpoint: scfEndpoint }),
  });
  const pauses = createFunctionPauses({ store, clock, log, settings });
  const random = () => Math.random();
  const deps: Deps = {
    store,
    queue,
    events: new EmbeddedEventLog(clock),
    cache: new EmbeddedCache(clock),
    rateLimiter: new EmbeddedRateLimiter(clock),
    functions,
    invoker: createResilientInvoker({ functions, clock, log, pauses, settings, random }),
    objects: createCosObjectStore({
      ...place,
      ...(cosEndpoint === undefined ? {} : { endpoint: cosEndpoint }),
    }),
    clock,
    log,
    settings,
  };
  return { deps, queue };
}

async function openApi(options: HouseOptions, deps: Deps): Promise<{ app: App; server: Server }> {
  const allow = (options.imageSourceAllow ?? "").split(",").filter((host) => host !== "");
  const app = createApp({
    ...deps,
    createTask: createBatcher(deps.store, deps.settings.dispatchWindow),
    jwtSecret: options.jwtSecret ?? randomBytes(32).toString("hex"),
    allowHttpHosts: allow,
  });
  const server = await serve(app, {
    port: options.port ?? 0,
    hostname: options.hostname ?? "127.0.0.1",
  });
  return { app, server };
}
