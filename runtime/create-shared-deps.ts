import type { Log } from "../core/ports/log.ts";
import { pendingMigrations } from "../db/migrations/migrate.ts";
import type { Config } from "./config/parse-config.ts";
import { createDeps, type OpenedDeps, type Overrides } from "./create-deps.ts";

/**
 * What a process of its own shares with others. Throws an Error that says what is missing: MySQL, or a schema that is up
 * to date (processes that start together shall not all migrate).
 */
export async function createSharedDeps(
  name: "start:api" | "start:worker",
  config: Config,
  log: Log,
  overrides: Overrides = {},
): Promise<OpenedDeps> {
  if (!config.DATABASE_URL.startsWith("mysql://")) {
    throw new Error(
      `${name} is one of several processes and shares Redis and MySQL with them: set REDIS_HOST=host:port and ` +
        "DATABASE_URL=mysql://user:password@host:port/name. `npm start` runs all in one process without them.",
    );
  }
  const opened = await createDeps(config, log, overrides);
  try {
    const pending = await pendingMigrations(opened.db.kysely);
    if (pending.length > 0) {
      throw new Error(`The database's schema lacks ${pending.join(", ")}: run npm run db:migrate.`);
    }
    return opened;
  } catch (error) {
    await opened.close();
    throw error;
  }
}
