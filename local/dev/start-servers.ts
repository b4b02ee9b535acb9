import { join, resolve } from "node:path";
import { findMariadb } from "../servers/find-mariadb.ts";
import { startPrivateMariadb } from "../servers/private-mariadb.ts";
import type { RedisPlace } from "../../redis/connect-redis.ts";
import { findRedis } from "../servers/find-redis.ts";
import { startPrivateRedis } from "../servers/private-redis.ts";
import { redisPlaceOf } from "../../runtime/redis-address.ts";

export type EngineWish = { readonly redis: boolean; readonly mysql: boolean };

export type Engines = {
  /** Null: the embedded twins in memory. */
  readonly redis: RedisPlace | null;
  /** Undefined: SQLite. */
  readonly databaseUrl: string | undefined;
  stop(): Promise<void>;
};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The servers that were wished for: those that `REDIS_HOST` and `DATABASE_URL` name, else private ones on free
 * ports with their data in `folder`. Throws an Error with the install command when there is neither.
 */
export async function openEngines(
  wish: EngineWish,
  folder: string,
  environment: Environment,
): Promise<Engines> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const close of stops.splice(0).toReversed()) await close();
  };
  // The servers' own programs change their folder: a relative path would be another one there.
  const home = resolve(folder);
  // Both are looked for before either is started.
  const named = {
    redis: wish.redis ? redisPlaceOf(environment) : null,
    mysql: wish.mysql ? mysqlOf(environment) : null,
  };
  if (wish.redis && named.redis === null && findRedis() === null) throw new Error(NO_REDIS);
  if (wish.mysql && named.mysql === null && findMariadb() === null) throw new Error(NO_MYSQL);
  try {
    let { redis } = named;
    if (wish.redis && redis === null) {
      const server = await startPrivateRedis(join(home, "redis"));
      stops.push(() => server.stop());
      redis = { host: server.host, port: server.port };
    }
    let databaseUrl = named.mysql ?? undefined;
    if (wish.mysql && databaseUrl === undefined) {
      const server = await startPrivateMariadb(join(home, "mariadb"));
      stops.push(() => server.stop());
      databaseUrl = server.url;
    }
    return { redis, databaseUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function mysqlOf(environment: Environment): string | null {
  const url = environment["DATABASE_URL"] ?? "";
  return url.startsWith("mysql://") ? url : null;
}

const NO_REDIS =
  "--redis needs a Redis server and none is installed here: apt-get install redis-server " +
  "(macOS: brew install redis), or name one: REDIS_HOST=host:port.";
const NO_MYSQL =
  "--mysql needs a MySQL or MariaDB server and none is installed here: apt-get install mariadb-server " +
  "(macOS: brew install mariadb), or name one: DATABASE_URL=mysql://user:password@host:port/name.";
