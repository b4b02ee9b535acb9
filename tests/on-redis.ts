import { findRedis } from "../local/servers/find-redis.ts";
import { startPrivateRedis, type PrivateRedis } from "../local/servers/private-redis.ts";
import { onServer } from "./on-server.ts";

/** Runs tests on a Redis of their own; see `onServer` for a machine without one. */
export function onRedis(suite: (server: () => PrivateRedis) => void): void {
  const kind = {
    name: "a Redis server",
    programs: "redis-server",
    hint: "apt-get install redis-server, or name the program in DRAPE_REDIS_SERVER",
    isInstalled: () => findRedis() !== null,
    start: startPrivateRedis,
  };
  onServer(kind, suite);
}
