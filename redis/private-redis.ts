import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { checkRedis } from "./connect-redis.ts";
import { findRedis } from "./find-redis.ts";

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

// The server dies with us, even when we are killed: a helper waits on a pipe whose other end only we hold.
const GUARD = `
exec 3<&0
"$@" </dev/null >&2 3<&- &
server=$!
echo $server
( read -r _ <&3; kill -9 $server 2>/dev/null ) >/dev/null 2>&1 &
helper=$!
wait $server
kill $helper 2>/dev/null`;

/**
 * Starts a server with its data in `folder` on a free port, ready for commands. Throws when none is installed, when it
 * ends while it starts (with the end of its log), or when it does not answer in 15 s.
 */
export async function startPrivateRedis(folder: string): Promise<PrivateRedis> {
  const server = findRedis();
  if (server === null) throw new Error("redis-server is not installed here");
  mkdirSync(folder, { recursive: true });
  const place = { dir: folder, port: await freePort(), log: join(folder, "redis.log") };
  let running = await startProcess(server, place);
  return {
    host: HOST,
    port: place.port,
    version: running.version,
    stop: () => running.end("SIGTERM"),
    kill: () => running.end("SIGKILL"),
    async restart() {
      await running.end("SIGTERM");
      running = await startProcess(server, place);
    },
  };
}

type Place = { readonly dir: string; readonly port: number; readonly log: string };
type Running = { readonly version: string; end(signal: "SIGTERM" | "SIGKILL"): Promise<void> };

async function startProcess(server: string, { dir, port, log }: Place): Promise<Running> {
  const output = openSync(log, "a");
  const args = ["--port", String(port), "--dir", dir, ...OPTIONS];
  const child = spawn("sh", ["-c", GUARD, "sh", server, ...args], {
    stdio: ["pipe", "pipe", output],
  });
  closeSync(output);
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  const pid = await readPid(child);
  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    if (child.exitCode === null) signalTo(pid, signal);
    const force = setTimeout(() => signalTo(pid, "SIGKILL"), STOP_LIMIT_MS);
    await gone;
    clearTimeout(force);
    child.stdin?.destroy();
  };
  try {
    return { version: await untilReady(child, port, log), end };
  } catch (error) {
    await end("SIGKILL");
    throw error;
  }
}

async function readPid(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new Error("the server's process has no output");
  for await (const line of createInterface({ input: child.stdout })) return Number(line);
  throw new Error("the server's process did not start");
}

function signalTo(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}

async function untilReady(child: ChildProcess, port: number, log: string): Promise<string> {
  const endsMs = Date.now() + READY_LIMIT_MS;
  for (;;) {
    try {
      return await checkRedis({ host: HOST, port });
    } catch (error) {
      if (child.exitCode !== null || Date.now() > endsMs) {
        const tail = readFileSync(log, "utf8").slice(-2_000);
        throw new Error(`the Redis server did not start:\n${tail}`, { cause: error });
      }
      await sleep(20);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, HOST, resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
