import type { RedisAddress } from "../redis/connect-redis.ts";
import type { Config } from "./config/parse-config.ts";
import { REDIS_ADDRESS } from "./config/process-keys.ts";

const PORT = 6379;

/** Where Redis is, by `REDIS_HOST` (`host` or `host:port`) and `REDIS_PASSWORD`; null when none is named. */
export function redisAddressOf(
  config: Pick<Config, "REDIS_HOST" | "REDIS_PASSWORD">,
): RedisAddress | null {
  const { REDIS_HOST: named, REDIS_PASSWORD: password } = config;
  if (named === undefined) return null;
  const [, host = "", port] = REDIS_ADDRESS.exec(named) ?? [];
  return {
    host: host.replace(/^\[(.*)\]$/, "$1"),
    port: port === undefined ? PORT : Number(port),
    ...(password === undefined ? {} : { password }),
  };
}
