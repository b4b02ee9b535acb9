import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { findMariadb, type MariadbPrograms } from "./find-mariadb.ts";
import { freePort, startPrivateProcess } from "./private-process.ts";

/** A MariaDB (or MySQL) server of our own, for tests and the demo: loopback only, root without a password. */
export type PrivateMariadb = {
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

/**
 * Makes a data folder in `folder` when there is none and starts a server on it, ready for queries. Throws when no
 * server is installed, when it ends while it starts (with the end of its log), or when it does not answer in 30 s.
 */
export async function startPrivateMariadb(folder: string): Promise<PrivateMariadb> {
  const programs = findMariadb();
  if (programs === null) throw new Error("neither mariadbd nor mysqld is installed here");
  mkdirSync(folder, { recursive: true });
  const dataDir = join(folder, "mysql");
  // Two servers that start at once take each other's files out of the system's temporary folder.
  const scratchDir = join(folder, "tmp");
  mkdirSync(scratchDir, { recursive: true });
  const dataArgs = ["--no-defaults", `--datadir=${dataDir}`, `--tmpdir=${scratchDir}`, ...asUser()];
  if (!existsSync(join(dataDir, "mysql"))) install(programs, dataArgs);
  const port = await freePort();
  const launch = () =>
    startPrivateProcess({
      program: programs.server,
      args: [...dataArgs, `--port=${port}`, ...OPTIONS],
      log: join(folder, "mysql.log"),
      probe: () => query(port, "select version() as answer"),
      readyLimitMs: READY_LIMIT_MS,
      stopLimitMs: STOP_LIMIT_MS,
    });
  let running = await launch();
  const urlOf = (name: string) => `mysql://root@127.0.0.1:${port}/${name}`;
  const createDatabase = async (name: string) => {
    await query(
      port,
      `create database if not exists ${name} character set utf8mb4 collate utf8mb4_bin`,
    );
    return urlOf(name);
  };
  try {
    const url = await createDatabase("drape");
    return {
      url,
      version: running.answer,
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

function install({ server, installer }: MariadbPrograms, dataArgs: readonly string[]): void {
  const [program, own] =
    installer === null
      ? [server, ["--initialize-insecure"]]
      : [installer, ["--auth-root-authentication-method=normal", "--skip-test-db"]];
  const { status, stderr, error } = spawnSync(program, [...dataArgs, ...own], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr.slice(-2_000)}`);
}

/** The server refuses to run as root unless it is told to. */
function asUser(): string[] {
  return process.getuid?.() === 0 ? ["--user=root"] : [];
}

/** One statement on a connection of its own; gives the column `answer`. */
async function query(port: number, statement: string): Promise<string> {
  const { createConnection } = await import("mysql2/promise");
  const address = { host: "127.0.0.1", port, user: "root", connectTimeout: 5_000 };
  const connection = await createConnection(address);
  try {
    const [rows] = await connection.query(statement);
    return Array.isArray(rows) ? String((rows[0] as { answer?: unknown } | undefined)?.answer) : "";
  } finally {
    await connection.end();
  }
}
