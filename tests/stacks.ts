import { randomUUID } from "node:crypto";
import { onMariadb } from "./on-mariadb.ts";
import type { HouseOptions } from "../commands/all-in-one.ts";
import { onRedis } from "./on-redis.ts";

export type StackOptions = Pick<HouseOptions, "databaseUrl" | "redis" | "redisPrefix">;

/** What a house may stand on. */
export type Stack = {
  readonly name: string;
  /** An empty database and a key space of its own. */
  options(): Promise<StackOptions>;
};

/** Runs the same journeys on the embedded engines and on real servers; without servers it says so loudly. */
export function onEachStack(suite: (stack: Stack) => void): void {
  suite({ name: "embedded engines", options: async () => ({}) });
  onServers(suite);
}

/** On a Redis and a MariaDB of this file's own. */
export function onServers(suite: (stack: ServerStack) => void): void {
  onMariadb((mariadb) => {
    onRedis((redis) => {
      suite({
        name: "Redis and MariaDB",
        async options() {
          const name = `d${randomUUID().replaceAll("-", "").slice(0, 16)}`;
          const { host, port } = redis();
          return {
            databaseUrl: await mariadb().createDatabase(name),
            redis: { host, port },
            redisPrefix: `{${name}}`,
          };
        },
      });
    });
  });
}

export type ServerStack = {
  readonly name: string;
  options(): Promise<{ readonly [K in keyof StackOptions]-?: NonNullable<StackOptions[K]> }>;
};
