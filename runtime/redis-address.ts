import { REDIS_PLACE } from "./config.ts";
import type { RedisPlace } from "../redis/connect-redis.ts";

const PORT = 6379;

type RedisVariables = {
  readonly REDIS_HOST?: string | undefined;
  readonly REDIS_PASSWORD?: string | undefined;
};

/** Where Redis is, by `REDIS_HOST` (`host` or `host:port`) and `REDIS_PASSWORD`; null when none is named. */
export function redisPlaceOf(environment: RedisVariables): RedisPlace | null {
  const named = environment.REDIS_HOST ?? "";
  if (named === "") return null;
  const match = REDIS_PLACE.exec(named);
  if (match === null) throw new Error(`REDIS_HOST must be host or host:port, not "${named}".`);
  const [, host = "", port] = match;
  const password = environment.REDIS_PASSWORD ?? "";
  return {
    host: host.replace(/^\[(.*)\]$/, "$1"),
    port: port === undefined ? PORT : Number(port),
    ...(password === "" ? {} : { password }),
  };
}
