import { operatorText } from "../core/model/errors.ts";
import { createLog } from "../core/resilience/log.ts";
import type { Log } from "../core/ports/log.ts";
import { parseConfig, type Config, type Environment } from "./config/parse-config.ts";
import type { Command } from "./config/config-key.ts";
import { describeConfig } from "./describe-config.ts";
import { loadEnvironment, type LoadedEnvironment } from "./load-environment.ts";
import { refuseOptions } from "./refuse-options.ts";
import { systemClock } from "./system-clock.ts";

export type Started = { stop(): Promise<void> };

/** What a process is opened with; `variables` are those of the file and of its start, as they stand. */
export type ProcessStart = {
  readonly config: Config;
  readonly log: Log;
  readonly variables: Environment;
};

/** A stop that takes longer than this is given up; whatever was running is taken over by others. */
const STOP_LIMIT_MS = 30_000;
const ABOUT = `Runs until SIGTERM or Ctrl-C, with the variables of its start and of .env.production or .env.local:
docs/configuration.md has each.`;

/**
 * The frame of every long-running process: the environment parsed once with all faults reported at once, one log whose
 * first line says what the configuration leads to, and a graceful stop on SIGTERM or Ctrl-C. A second signal ends it at
 * once.
 */
export function runProcess(
  command: Command,
  open: (start: ProcessStart) => Promise<Started>,
): void {
  refuseOptions(`npm ${command === "start" ? "" : "run "}${command}\n\n${ABOUT}`);
  start(command, open).catch((error: unknown) => {
    process.stderr.write(`❌ ${operatorText(error)}\n`);
    process.exit(1);
  });
}

async function start(
  command: Command,
  open: (start: ProcessStart) => Promise<Started>,
): Promise<void> {
  const loaded = loadEnvironment(command, process.env);
  const { variables } = loaded;
  const config = readConfig(command, loaded);
  const log = createProcessLog(config);
  log.start("configuration", describeConfig(config, loaded));
  const early = stopSignal();
  const started = await open({ config, log, variables });
  await early;
  const limit = setTimeout(() => process.exit(1), STOP_LIMIT_MS);
  process.on("SIGINT", () => process.exit(130)).on("SIGTERM", () => process.exit(143));
  await started.stop();
  clearTimeout(limit);
  process.exit(0);
}

/** `parseConfig`, with the file's name in the refusal. */
export function readConfig(command: Command, loaded: LoadedEnvironment): Config {
  try {
    return parseConfig(command, loaded.variables);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const from = loaded.file === null ? "the environment; no file was read" : loaded.file;
    const note = loaded.note === null ? "" : `, ${loaded.note}`;
    throw new Error(`${error.message}\n  (read from ${from}${note})`, { cause: error });
  }
}

function createProcessLog(config: Pick<Config, "NODE_ENV" | "LOG_LEVEL">): Log {
  const production = config.NODE_ENV === "production";
  return createLog({
    format: production || !process.stdout.isTTY ? "json" : "pretty",
    level: config.LOG_LEVEL,
    write: (line) => process.stdout.write(`${line}\n`),
    nowMs: systemClock.nowMs,
  });
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve()).once("SIGTERM", () => resolve());
  });
}
