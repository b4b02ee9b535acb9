import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPrivateMariadb, type PrivateMariadb } from "../local/servers/private-mariadb.ts";
import { openFleet, type Fleet, type FleetOptions } from "../tests/fleet.ts";
import { startPrivateRedis, type PrivateRedis } from "../local/servers/private-redis.ts";
import { writeNoopFunctions } from "./noop-functions.ts";

export type BenchServers = {
  readonly folder: string;
  readonly redis: PrivateRedis;
  readonly mariadb: PrivateMariadb;
  /** The product's processes on these servers; functions that do nothing. */
  openFleet(options?: Partial<FleetOptions>): Promise<Fleet>;
  stop(): Promise<void>;
};

/** A Redis and a MariaDB of the run's own, in a temporary folder. Throws when one of them is not installed. */
export async function startBenchServers(): Promise<BenchServers> {
  const folder = mkdtempSync(join(tmpdir(), "drape-bench-"));
  const redis = await startPrivateRedis(join(folder, "redis"));
  const mariadb = await startPrivateMariadb(join(folder, "mariadb"));
  return {
    folder,
    redis,
    mariadb,
    async openFleet(options = {}) {
      const functionsDir = await writeNoopFunctions(join(folder, "functions"));
      return openFleet({
        databaseUrl: mariadb.url,
        redis: { host: redis.host, port: redis.port },
        cloud: { dataDir: join(folder, "house"), functionsDir },
        ...options,
      });
    },
    async stop() {
      await mariadb.stop();
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
