import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { findMariadb, type MariadbPrograms } from "./find-mariadb.ts";

/** A MariaDB (or MySQL) server of our own, for tests and the demo: loopback only, root without a password. */
export type PrivateServer = {
  /** `mysql://root@127.0.0.1:<port>/drape`; the database exists and is empty at first. */
  readonly url: string;
  /** As the server says it, for example `10.11.6-MariaDB`. */
  readonly version: string;
  /** Makes an empty database of that name and gives its URL. */
  createDatabase(name: string): Promise<string>;
  /** Ends it in order: 10 s, then by force. The data stays. */
  stop(): Promise<void>;
  /** Ends it like a power cut of the process (SIGKILL). */
  kill(): Promise<void>;
  /** Starts it again on the same port and data; stops it first when it runs. */
  restart(): Promise<void>;
};

const READY_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 10_000;

// Commits reach the disk as in production; the rest is small, so that it starts in a second.
const OPTIONS = [
  "--bind-address=127.0.0.1",
  "--innodb-flush-log-at-trx-commit=1",
  "--innodb-buffer-pool-size=64M",
  "--performance-schema=OFF",
  "--max-connections=300",
  "--character-set-server=utf8mb4",
  "--collation-server=utf8mb4_bin",
  // A relative path is in the data folder: a socket's whole path may have 107 characters only.
  "--socket=private.sock",
];

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
 * Makes a data folder in `folder` when there is none and starts a server on it, ready for queries. Throws when no
 * server is installed, when it ends while it starts (with the end of its log), or when it does not answer in 30 s.
 */
export async function startPrivateMariadb(folder: string): Promise<PrivateServer> {
  const programs = findMariadb();
  if (programs === null) throw new Error("neither mariadbd nor mysqld is installed here");
  mkdirSync(folder, { recursive: true });
  const dataDir = join(folder, "mysql");
  if (!existsSync(join(dataDir, "mysql"))) install(programs, dataDir);
  const port = await freePort();
  const log = join(folder, "mysql.log");
  const launch = () => startProcess(programs.server, { dataDir, port, log });
  let running = await launch();
  const urlOf = (name: string) => `mysql://root@127.0.0.1:${port}/${name}`;
  const createDatabase = async (name: string) => {
    await ask(
      port,
      `create database if not exists ${name} character set utf8mb4 collate utf8mb4_bin`,
    );
    return urlOf(name);
  };
  try {
    const version = await ask(port, "select version() as answer");
    const url = await createDatabase("drape");
    return {
      url,
      version,
      createDatabase,
      stop: () => running.end("SIGTERM"),
      kill: () => running.end("SIGKILL"),
      async restart() {
        await running.end("SIGTERM");
        running = await launch();
      },
    };
  } catch (error) {
    await running.end("SIGKILL");
    throw error;
  }
}

function install({ server, installer }: MariadbPrograms, dataDir: string): void {
  const [program, own] =
    installer === null
      ? [server, ["--initialize-insecure"]]
      : [installer, ["--auth-root-authentication-method=normal", "--skip-test-db"]];
  const args = ["--no-defaults", `--datadir=${dataDir}`, ...own, ...asUser()];
  const { status, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr.slice(-2_000)}`);
}

/** The server refuses to run as root unless it is told to. */
function asUser(): string[] {
  return process.getuid?.() === 0 ? ["--user=root"] : [];
}

type Place = { readonly dataDir: string; readonly port: number; readonly log: string };
type Running = { end(signal: "SIGTERM" | "SIGKILL"): Promise<void> };

async function startProcess(server: string, { dataDir, port, log }: Place): Promise<Running> {
  const args = ["--no-defaults", `--datadir=${dataDir}`, `--port=${port}`, ...OPTIONS, ...asUser()];
  const output = openSync(log, "a");
  const child = spawn("sh", ["-c", GUARD, "sh", server, ...args], {
    stdio: ["pipe", "pipe", output],
  });
  closeSync(output);
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  const pid = await readPid(child);
  const running: Running = {
    async end(signal) {
      if (child.exitCode === null) signalTo(pid, signal);
      const force = setTimeout(() => signalTo(pid, "SIGKILL"), STOP_LIMIT_MS);
      await gone;
      clearTimeout(force);
      child.stdin?.destroy();
    },
  };
  try {
    await untilReady(child, port, log);
  } catch (error) {
    await running.end("SIGKILL");
    throw error;
  }
  return running;
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

async function untilReady(child: ChildProcess, port: number, log: string): Promise<void> {
  const endsMs = Date.now() + READY_LIMIT_MS;
  for (;;) {
    try {
      await ask(port, "select 1 as answer");
      return;
    } catch (error) {
      if (child.exitCode !== null || Date.now() > endsMs) {
        const tail = readFileSync(log, "utf8").slice(-2_000);
        throw new Error(`the database server did not start:\n${tail}`, { cause: error });
      }
      await sleep(50);
    }
  }
}

/** One statement on a connection of its own; gives the column `answer`. */
async function ask(port: number, statement: string): Promise<string> {
  const { createConnection } = await import("mysql2/promise");
  const place = { host: "127.0.0.1", port, user: "root", connectTimeout: 5_000 };
  const connection = await createConnection(place);
  try {
    const [rows] = await connection.query(statement);
    return Array.isArray(rows) ? String((rows[0] as { answer?: unknown } | undefined)?.answer) : "";
  } finally {
    await connection.end();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
