import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startPrivateMariadb, type PrivateMariadb } from "../../local/servers/private-mariadb.ts";
import { startPrivateRedis, type PrivateRedis } from "../../local/servers/private-redis.ts";
import { writeNoopFunctions } from "../../bench/noop-functions.ts";
import { openFleet, type Fleet, type FleetProcess, type ProcessRole } from "../fleet.ts";
import { startQuickProviders, type QuickProviders } from "./quick-providers.ts";
import { RIG_SETTINGS } from "./rig-settings.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

export type Rig = {
  readonly folder: string;
  readonly fleet: Fleet;
  readonly redis: PrivateRedis;
  readonly mariadb: PrivateMariadb;
  /** Between the product and its servers. */
  readonly redisProxy: TcpProxy;
  readonly mariadbProxy: TcpProxy;
  /** The api's own way to the database: its creates are cut at their commit apart from the workers' writes. */
  readonly apiProxy: TcpProxy;
  readonly providers: QuickProviders;
  /** Those that run now; a dead one is missing until `keepAlive` has started it again. */
  readonly running: ReadonlyMap<string, FleetProcess>;
  /** Everything that any process printed. */
  lines(): readonly string[];
  /** Ends a process and starts it again, with other orders if given. */
  restart(name: string, signal: "SIGTERM" | "SIGKILL", order?: object): Promise<void>;
  /** Starts again whatever has died. */
  keepAlive(): Promise<void>;
  urls(): readonly string[];
  stop(): Promise<void>;
};

export type RigOptions = {
  readonly apis: number;
  readonly workers: number;
  /** Functions that do nothing instead of the real ones. */
  readonly noopFunctions?: boolean;
};

const PROGRAM = resolve(import.meta.dir, "process-under-test.ts");
const START_TRIES = 20;

/** The real processes on real servers, with proxies between and cheap providers behind the real functions. */
export async function openRig({ apis, workers, noopFunctions }: RigOptions): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), "drape-rig-"));
  mkdirSync(join(folder, "house"));
  const redis = await startPrivateRedis(join(folder, "redis"));
  const mariadb = await startPrivateMariadb(join(folder, "mariadb"));
  const redisProxy = await startTcpProxy(redis.port);
  const mariadbProxy = await startTcpProxy(Number(new URL(mariadb.url).port));
  const apiProxy = await startTcpProxy(Number(new URL(mariadb.url).port));
  const viaProxy = (port: number) => mariadb.url.replace(/:\d+\//, `:${port}/`);
  const providers = await startQuickProviders();
  const fleet = await openFleet({
    databaseUrl: mariadb.url,
    redis: { host: "127.0.0.1", port: redis.port },
    program: PROGRAM,
    cloud: {
      dataDir: join(folder, "house"),
      extraFunctionEnv: { ...providers.environment },
      timeLimitsMs: { ...RIG_SETTINGS.calls.functionTimeoutMs },
      ...(noopFunctions === true
        ? { functionsDir: await writeNoopFunctions(join(folder, "functions")) }
        : {}),
    },
    environment: {
      REDIS_HOST: `127.0.0.1:${redisProxy.port}`,
      WORKER_CONCURRENCY: "4",
      LOG_LEVEL: "all",
    },
  });
  const running = new Map<string, FleetProcess>();
  const past: FleetProcess[] = [];
  const names = [
    ...Array.from({ length: apis }, (_, n) => `api-${n}`),
    ...Array.from({ length: workers }, (_, n) => `worker-${n}`),
  ];
  const stopping = new AbortController();

  async function launch(name: string, order: object = {}): Promise<void> {
    const role = name.split("-")[0] as ProcessRole; // as made above
    for (let tries = 1; !stopping.signal.aborted; tries += 1) {
      try {
        const started = await fleet.start(role, "bun", {
          DRAPE_RIG: JSON.stringify(order),
          DATABASE_URL: viaProxy(role === "api" ? apiProxy.port : mariadbProxy.port),
        });
        running.set(name, started);
        past.push(started);
        void started.ended.then(() => {
          if (running.get(name) === started) running.delete(name);
        });
        return;
      } catch (error) {
        // Its servers are away: a container would be started again and again, too.
        if (tries >= START_TRIES) throw error;
      }
    }
  }

  for (const name of names) await launch(name);
  return {
    folder,
    fleet,
    redis,
    mariadb,
    redisProxy,
    mariadbProxy,
    apiProxy,
    providers,
    running,
    lines: () => past.flatMap(({ lines }) => lines),
    async restart(name, signal, order) {
      const process = running.get(name);
      running.delete(name);
      await process?.end(signal);
      await launch(name, order);
    },
    async keepAlive() {
      for (const name of names) if (!running.has(name)) await launch(name);
    },
    urls: () => [...running.values()].map(({ url }) => url).filter((url) => url !== ""),
    async stop() {
      stopping.abort();
      await fleet.stop();
      await providers.stop();
      await redisProxy.close();
      await mariadbProxy.close();
      await apiProxy.close();
      await mariadb.stop();
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
