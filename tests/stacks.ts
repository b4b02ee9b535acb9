import { randomUUID } from "node:crypto";
import { onMariadb } from "./on-mariadb.ts";
import { onRedis } from "./on-redis.ts";

/** What a product may stand on. */
export type Stack = {
  readonly name: string;
  /** Variables that name an empty database and a key space of their own; none for the embedded engines. */
  environment(): Promise<Readonly<Record<string, string>>>;
};

/** Runs the same journeys on the embedded engines and on real servers; without servers it says so loudly. */
export function onEachStack(suite: (stack: Stack) => void): void {
  suite({ name: "embedded engines", environment: async () => ({}) });
  onServers(suite);
}

/** On a Redis and a MariaDB of this file's own. */
export function onServers(suite: (stack: Stack & ServerStack) => void): void {
  onMariadb((mariadb) => {
    onRedis((redis) => {
      const options = async () => {
        const name = `d${randomUUID().replaceAll("-", "").slice(0, 16)}`;
        const { host, port } = redis();
        const databaseUrl = await mariadb().createDatabase(name);
        return { databaseUrl, redis: { host, port }, redisPrefix: `{${name}}` };
      };
      suite({
        name: "Redis and MariaDB",
        options,
        async environment() {
          const { databaseUrl, redis: address, redisPrefix } = await options();
          return {
            DATABASE_URL: databaseUrl,
            REDIS_HOST: `${address.host}:${address.port}`,
            REDIS_PREFIX: redisPrefix,
          };
        },
      });
    });
  });
}

export type ServerStack = {
  /** The same as options of a fleet. */
  options(): Promise<{
    readonly databaseUrl: string;
    readonly redis: { readonly host: string; readonly port: number };
    readonly redisPrefix: string;
  }>;
};
