import { mkdirSync } from "node:fs";
import type { App } from "../api/app.ts";
import { startApi } from "../api/start-api.ts";
import type { Deps } from "../core/deps.ts";
import type { Log } from "../core/ports/log.ts";
import type { Db } from "../db/connection/db.ts";
import { migrate } from "../db/migrations/migrate.ts";
import { apiOptionsOf } from "../runtime/api-options.ts";
import { cloudAccessOf } from "../runtime/cloud-access.ts";
import type { Config } from "../runtime/config/parse-config.ts";
import { createDeps, type HandedOver, type Overrides } from "../runtime/create-deps.ts";
import { describeRun } from "../runtime/describe-run.ts";
import type { EmbeddedCloud, EmbeddedCloudOptions } from "../runtime/embedded-cloud.ts";
import { startWorker, type Worker } from "../worker/worker.ts";

export type AllInOneOptions = Overrides & {
  readonly log: Log;
  /** Where the emulated cloud keeps its objects. */
  readonly dataDir: string;
  /** For the emulated cloud, which is started when the configuration names none. */
  readonly embeddedCloud?: Omit<EmbeddedCloudOptions, "dataDir" | "log">;
};

/** The whole product in one process, with an emulated cloud in a second and each function in a child of that. */
export type Product = {
  readonly url: string;
  readonly app: App;
  readonly db: Db;
  readonly deps: Deps;
  /** Null when it works on Tencent Cloud itself. */
  readonly cloud: EmbeddedCloud | null;
  readonly handed: HandedOver;
  /** As the server says it; null for the embedded adapters. */
  readonly redisVersion: string | null;
  /** Queue jobs that this process has run. */
  jobsDone(): number;
  /** Takes no more, hands running tasks back, and closes everything; 5 s at most for each part. */
  stop(): Promise<void>;
};

const STOP_GRACE_MS = 5_000;

/** Starts what the configuration names, and embedded parts for what it does not name. Migrates the database. */
export async function startAllInOne(config: Config, options: AllInOneOptions): Promise<Product> {
  const { dataDir, log, embeddedCloud: _, ...overrides } = options;
  mkdirSync(dataDir, { recursive: true });
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const close of stops.splice(0).toReversed()) await close();
  };
  try {
    const embedded = await embeddedCloudFor(config, options);
    const cloud = embedded?.cloud ?? null;
    if (cloud !== null) stops.push(() => cloud.stop());
    const opened = await createDeps(config, log, { ...embedded?.overrides, ...overrides });
    stops.push(() => opened.close());
    const { deps, db, consumer, handed, redisVersion, jobsDone } = opened;
    await migrate(db.kysely);
    const concurrency = config.WORKER_CONCURRENCY;
    let worker: Worker | null = null;
    stops.push(async () => worker?.stop(STOP_GRACE_MS));
    const apiOptions = apiOptionsOf(config);
    // Before the worker: a port that is taken ends the start, and no task of those who have it is touched.
    const api = await startApi(deps, apiOptions);
    stops.push(() => api.stop(STOP_GRACE_MS));
    worker = startWorker({ ...deps, consumer }, concurrency);
    const { settings } = deps;
    log.info(
      "runs with",
      describeRun({ handed, settings, api: apiOptions, worker: { concurrency } }),
    );
    log.start("drape is listening", { url: api.url });
    return { url: api.url, app: api.app, db, deps, cloud, handed, redisVersion, jobsDone, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Embedded = { readonly cloud: EmbeddedCloud; readonly overrides: Overrides };

/**
 * The emulated cloud, where the configuration names none. Loaded only then: a container that works on Tencent Cloud
 * need not have `local/` in it.
 */
async function embeddedCloudFor(
  config: Config,
  { dataDir, log, embeddedCloud, cloud: given }: AllInOneOptions,
): Promise<Embedded | null> {
  if (given !== undefined || cloudAccessOf(config) !== null) return null;
  const { startLocalCloud } = await import("../local/cloud-emulator/start-with-bundles.ts");
  const { EMULATOR_APP } = await import("../local/provider-emulators/wechat-emulator.ts");
  const imageSourceAllow = config.IMAGE_SOURCE_ALLOW;
  const options = { imageSourceAllow, ...embeddedCloud, dataDir, log };
  const { access, cloud } = await startLocalCloud(options);
  const { providersUrl } = cloud;
  // Its mini-program, in which the code `dev-<name>` is that person.
  const wechat =
    providersUrl === null ? {} : { wechat: { ...EMULATOR_APP, baseUrl: providersUrl } };
  return { cloud, overrides: { cloud: access, ...wechat } };
}
