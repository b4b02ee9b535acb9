import { randomBytes } from "node:crypto";
import { parseConfig, type Config } from "./config.ts";
import { createLog } from "../core/resilience/log.ts";
import type { Log } from "../core/ports/log.ts";
import { loadEnvironment } from "./load-environment.ts";

export type Started = { stop(): Promise<void> };

/** A stop that takes longer than this is given up; whatever was running is taken over by others. */
const STOP_LIMIT_MS = 30_000;
const LOOPBACK = "loopback";

/**
 * The frame of every long-running process: the environment parsed once with all faults told at once, one log, and a
 * graceful stop on SIGTERM or Ctrl-C. A second signal ends it at once.
 */
export function runProcess(open: (config: Config, log: Log) => Promise<Started>): void {
  start(open).catch((error: unknown) => {
    process.stderr.write(`❌ ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}

async function start(open: (config: Config, log: Log) => Promise<Started>): Promise<void> {
  const environment = loadEnvironment(process.env);
  const production = environment["NODE_ENV"] === "production";
  const config = parseConfig(production ? environment : { ...localDefaults(), ...environment });
  const log = createLog({
    format: production || !process.stdout.isTTY ? "json" : "pretty",
    level: config.LOG_LEVEL,
    write: (line) => process.stdout.write(`${line}\n`),
    nowMs: () => Date.now(),
  });
  const early = stopSignal();
  const started = await open(config, log);
  await early;
  const limit = setTimeout(() => process.exit(1), STOP_LIMIT_MS);
  process.on("SIGINT", () => process.exit(130)).on("SIGTERM", () => process.exit(143));
  await started.stop();
  clearTimeout(limit);
  process.exit(0);
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve()).once("SIGTERM", () => resolve());
  });
}

/** Enough to start on a laptop; never used in production. */
function localDefaults() {
  return {
    JWT_SECRET: randomBytes(32).toString("hex"),
    TENCENTCLOUD_SECRET_ID: LOOPBACK,
    TENCENTCLOUD_SECRET_KEY: LOOPBACK,
    COS_BUCKET: "drape-1250000000",
  };
}

/** Whether no keys were given, so that a loopback cloud has to be brought along. */
export function wantsLoopbackCloud(config: Config): boolean {
  return config.TENCENTCLOUD_SECRET_ID === LOOPBACK;
}
