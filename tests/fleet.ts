import { execFile, spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { migrate } from "../db/migrations/migrate.ts";
import { openDatabase } from "../db/connection/open.ts";
import type { Db } from "../db/connection/db.ts";
import type { EmulatedCloud } from "../local/cloud-emulator/start-emulated-cloud.ts";
import { startLocalCloud } from "../local/cloud-emulator/start-with-bundles.ts";
import type { CloudAccess } from "../runtime/cloud-access.ts";
import type { EmbeddedCloudOptions } from "../runtime/embedded-cloud.ts";
import type { RedisAddress } from "../redis/connect-redis.ts";
import { chosenRuntime, PROGRAMS, type Runtime } from "./runtimes.ts";
import { send } from "./send.ts";
import { silentLog } from "./silent-log.ts";
import { until } from "./until.ts";
import { system } from "../runtime/system.ts";

export type ProcessRole = "api" | "worker";
type Environment = Readonly<Record<string, string>>;

export type FleetProcess = {
  readonly role: ProcessRole;
  readonly pid: number;
  /** Of an api; "" for a worker. */
  readonly url: string;
  /** What it printed, one JSON object a line. */
  readonly lines: readonly string[];
  /** Sends the signal and waits for the end; gives the exit code (null after a signal). */
  end(signal: "SIGTERM" | "SIGINT" | "SIGKILL"): Promise<number | null>;
  /** How it ended; does not settle while it runs. */
  readonly ended: Promise<number | null>;
  signal(signal: "SIGSTOP" | "SIGCONT" | "SIGUSR2"): void;
};

export type FleetOptions = {
  readonly databaseUrl: string;
  readonly redis: RedisAddress;
  readonly redisPrefix?: string;
  readonly cloud: Partial<EmbeddedCloudOptions> & { readonly dataDir: string };
  readonly environment?: Readonly<Record<string, string>>;
  /** The program of a process, by path; the product's own main when absent. It gets the role's name as argument. */
  readonly program?: string;
};

/** The real processes of the product, on one Redis, one MySQL and one emulated cloud. */
export type Fleet = {
  readonly cloud: EmulatedCloud;
  readonly access: CloudAccess;
  readonly db: Db;
  /** Faults and the deployment of the emulated cloud; throws when it refuses. */
  control(method: string, path: string, body?: unknown): Promise<unknown>;
  /** On the runtime that the run chose (`RUNTIME`), where none is named. */
  start(role: ProcessRole, runtime?: Runtime, more?: Environment): Promise<FleetProcess>;
  /** The command `npm run ledger:verify -- --objects --json` on this fleet's database and cloud, as it was printed. */
  verifyLedger(): Promise<LedgerReport>;
  /** Ends every process that still runs, and the cloud. */
  stop(): Promise<void>;
};

export type LedgerReport = { readonly exitCode: number; readonly printed: string };

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const READY_LIMIT_MS = 60_000;
const VERIFY_LIMIT_MS = 120_000;

export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const db = await openDatabase(options.databaseUrl, system);
  await migrate(db.kysely);
  const { access, cloud } = await startLocalCloud({ log: silentLog, ...options.cloud });
  const environment = {
    PATH: process.env["PATH"] ?? "",
    no_proxy: "127.0.0.1",
    DRAPE_ENV_FILES: "none",
    NODE_ENV: "test",
    PORT: "0",
    // Emulators take as many pictures as there are: a provider's own limit is not what these runs are about.
    IMAGES_PER_MINUTE: "1000000",
    JWT_SECRET: randomBytes(32).toString("hex"),
    DATABASE_URL: options.databaseUrl,
    REDIS_HOST: `${options.redis.host}:${options.redis.port}`,
    ...(options.redisPrefix === undefined ? {} : { REDIS_PREFIX: options.redisPrefix }),
    TENCENTCLOUD_SECRET_ID: access.secretId,
    TENCENTCLOUD_SECRET_KEY: access.secretKey,
    TENCENTCLOUD_REGION: access.region,
    COS_BUCKET: access.bucket,
    SCF_NAMESPACE: access.namespace,
    SCF_ENDPOINT: cloud.scfEndpoint,
    COS_ENDPOINT: cloud.cosEndpoint,
    ...options.environment,
  };
  const running = new Set<FleetProcess>();
  return {
    cloud,
    access,
    db,
    control: (method, path, body) => send(`${cloud.controlUrl}${path}`, method, body),
    async start(role, runtime = chosenRuntime(), more = {}) {
      const program = options.program ?? `${PROJECT}${role}/main.ts`;
      const child = spawn(PROGRAMS[runtime], [program, role], {
        env: { ...environment, ...more },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const started = await untilReady(role, child);
      running.add(started);
      return started;
    },
    verifyLedger: () => verifyLedger(environment),
    async stop() {
      await Promise.all([...running].map((one) => one.end("SIGKILL")));
      await cloud.stop();
      await db.close();
    },
  };
}

function verifyLedger(environment: Environment): Promise<LedgerReport> {
  const command = [`${PROJECT}commands/verify-command.ts`, "--objects", "--json"];
  return new Promise((resolve) => {
    const limits = { timeout: VERIFY_LIMIT_MS, maxBuffer: 64 * 2 ** 20 };
    const child = execFile(
      PROGRAMS[chosenRuntime()],
      command,
      { env: environment, ...limits },
      (_, stdout, stderr) =>
        resolve({ exitCode: child.exitCode ?? -1, printed: `${stdout}${stderr}`.trim() }),
    );
  });
}

const READY: Record<ProcessRole, RegExp> = {
  api: /api is listening.*"url":"([^"]+)"/,
  worker: /worker started/,
};

async function untilReady(
  role: ProcessRole,
  child: ChildProcess & {
    readonly stdout: NodeJS.ReadableStream;
    readonly stderr: NodeJS.ReadableStream;
  },
): Promise<FleetProcess> {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => lines.push(line));
  }
  const ended = new Promise<number | null>((resolve) => {
    child.once("close", (code) => resolve(code));
  });
  const found = () => lines.map((line) => READY[role].exec(line)).find((match) => match !== null);
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  await until(async () => found() !== undefined || isOver(), READY_LIMIT_MS).catch(() => undefined);
  if (found() === undefined) {
    // A process that nobody holds would outlive the run.
    child.kill("SIGKILL");
    throw new Error(`the ${role} did not start:\n${lines.join("\n")}`);
  }
  return {
    role,
    pid: child.pid ?? 0,
    url: found()?.[1] ?? "",
    lines,
    ended,
    async end(signal) {
      if (!isOver()) child.kill(signal);
      return ended;
    },
    signal: (signal) => void child.kill(signal),
  };
}
