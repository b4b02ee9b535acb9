import { randomBytes } from "node:crypto";
import { parseConfig, type Config } from "../core/config.ts";
import { createLog } from "../core/log.ts";
import { openHouse, type HouseOptions } from "./house.ts";
import { loadEnvironment } from "./load-environment.ts";

/**
 * Api and worker in one process on SQLite. In production it works on Tencent Cloud with the keys of the environment;
 * elsewhere without keys it brings the loopback cloud along.
 */
async function main(): Promise<void> {
  const environment = loadEnvironment(process.env);
  const production = environment["NODE_ENV"] === "production";
  const config = parseConfig(production ? environment : { ...localDefaults(), ...environment });
  const house = await openHouse(houseOptions(config, production));
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void house.stop().then(() => process.exit(0));
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
}

/** Enough to start on a laptop; never used in production. */
function localDefaults() {
  return {
    JWT_SECRET: randomBytes(32).toString("hex"),
    TENCENTCLOUD_SECRET_ID: "loopback",
    TENCENTCLOUD_SECRET_KEY: "loopback",
    COS_BUCKET: "drape-1250000000",
  };
}

function houseOptions(config: Config, production: boolean): HouseOptions {
  const log = createLog({
    format: production ? "json" : "pretty",
    level: config.LOG_LEVEL,
    write: (line) => process.stdout.write(`${line}\n`),
    nowMs: () => Date.now(),
  });
  const loopback = config.TENCENTCLOUD_SECRET_ID === "loopback";
  return {
    dataDir: ".data",
    databaseUrl: config.DATABASE_URL,
    log,
    port: config.PORT,
    hostname: config.HOST,
    jwtSecret: config.JWT_SECRET,
    workerConcurrency: config.WORKER_CONCURRENCY,
    imageSourceAllow: config.IMAGE_SOURCE_ALLOW,
    settings: { imageModel: config.IMAGE_MODEL, dispatchWindow: config.DISPATCH_WINDOW },
    ...(loopback ? {} : { realCloud: cloudOf(config) }),
  };
}

function cloudOf(config: Config) {
  return {
    secretId: config.TENCENTCLOUD_SECRET_ID,
    secretKey: config.TENCENTCLOUD_SECRET_KEY,
    region: config.TENCENTCLOUD_REGION,
    bucket: config.COS_BUCKET,
    namespace: config.SCF_NAMESPACE,
    ...(config.SCF_ENDPOINT === undefined ? {} : { scfEndpoint: config.SCF_ENDPOINT }),
    ...(config.COS_ENDPOINT === undefined ? {} : { cosEndpoint: config.COS_ENDPOINT }),
  };
}

main().catch((error: unknown) => {
  process.stderr.write(`❌ ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
