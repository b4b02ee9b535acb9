import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { checkRedis } from "../../redis/connect-redis.ts";
import { findRedis } from "./find-redis.ts";
import { freePort, startPrivateProcess } from "./private-process.ts";

/** A Redis server of our own, for tests and the demo: loopback only, no password, written to disk each second. */
export type PrivateRedis = {
  readonly host: string;
  readonly port: number;
  /** As the server says it, for example `7.0.15`. */
  readonly version: string;
  /** Ends it in order: 5 s, then by force. The data stays. */
  stop(): Promise<void>;
  /** Ends it like a power cut of the process (SIGKILL). */
  kill(): Promise<void>;
  /** Starts it again on the same port and data; stops it first when it runs. */
  restart(): Promise<void>;
};

const HOST = "127.0.0.1";
const READY_LIMIT_MS = 15_000;
const STOP_LIMIT_MS = 5_000;

// As production must run it: jobs are never evicted, and a crash loses a second of them at most.
const OPTIONS = [
  ["--bind", HOST],
  ["--protected-mode", "no"],
  ["--appendonly", "yes"],
  ["--appendfsync", "everysec"],
  ["--save", ""],
  ["--maxmemory-policy", "noeviction"],
].flat();

/**
 * Starts a server with its data in `folder` on a free port, ready for commands. Throws when none is installed, when it
 * ends while it starts (with the end of its log), or when it does not answer in 15 s.
 */
export async function startPrivateRedis(folder: string): Promise<PrivateRedis> {
  const program = findRedis();
  if (program === null) throw new Error("redis-server is not installed here");
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const launch = () =>
    startPrivateProcess({
      program,
      args: ["--port", String(port), "--dir", folder, ...OPTIONS],
      log: join(folder, "redis.log"),
      probe: () => checkRedis({ host: HOST, port }),
      readyLimitMs: READY_LIMIT_MS,
      stopLimitMs: STOP_LIMIT_MS,
    });
  let running = await launch();
  return {
    host: HOST,
    port,
    version: running.answer,
    stop: () => running.end("SIGTERM"),
    kill: () => running.end("SIGKILL"),
    async restart() {
      await running.end("SIGTERM");
      running = await launch();
    },
  };
}
