import { join, resolve } from "node:path";
import type { Environment } from "../../runtime/config/parse-config.ts";
import { findMariadb } from "../servers/find-mariadb.ts";
import { findRedis } from "../servers/find-redis.ts";
import { startPrivateMariadb } from "../servers/private-mariadb.ts";
import { startPrivateRedis } from "../servers/private-redis.ts";

export type ServerRequest = { readonly redis: boolean; readonly mysql: boolean };

export type Servers = {
  /** `REDIS_HOST` and `DATABASE_URL` of the servers that were started here. */
  readonly variables: Readonly<Record<string, string>>;
  stop(): Promise<void>;
};

/**
 * Starts the servers that were requested and that `named` does not name, on free ports with their data in `folder`.
 * Throws an Error with the install command when there is no program for one, before either is started.
 */
export async function startServers(
  request: ServerRequest,
  folder: string,
  named: Environment = {},
): Promise<Servers> {
  const wants = {
    redis: request.redis && (named["REDIS_HOST"] ?? "") === "",
    mysql: request.mysql && !(named["DATABASE_URL"] ?? "").startsWith("mysql://"),
  };
  if (wants.redis && findRedis() === null) throw new Error(NO_REDIS);
  if (wants.mysql && findMariadb() === null) throw new Error(NO_MYSQL);
  // The servers' own programs change their folder: a relative path would be another one there.
  const home = resolve(folder);
  const variables: Record<string, string> = {};
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const close of stops.splice(0).toReversed()) await close();
  };
  try {
    if (wants.redis) {
      const server = await startPrivateRedis(join(home, "redis"));
      stops.push(() => server.stop());
      variables["REDIS_HOST"] = `${server.host}:${server.port}`;
    }
    if (wants.mysql) {
      const server = await startPrivateMariadb(join(home, "mariadb"));
      stops.push(() => server.stop());
      variables["DATABASE_URL"] = server.url;
    }
    return { variables, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const NO_REDIS =
  "--redis needs a Redis server and none is installed here: apt-get install redis-server " +
  "(macOS: brew install redis), or name one: REDIS_HOST=host:port.";
const NO_MYSQL =
  "--mysql needs a MySQL or MariaDB server and none is installed here: apt-get install mariadb-server " +
  "(macOS: brew install mariadb), or name one: DATABASE_URL=mysql://user:password@host:port/name.";
