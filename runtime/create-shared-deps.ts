import type { Config } from "./config.ts";
import type { Log } from "../core/ports/log.ts";
import { pendingMigrations } from "../db/migrations/migrate.ts";
import { cloudAccessOf, contentReviewOf, wechatAccessOf } from "./cloud-access.ts";
import { openDeps, type DepsOptions, type OpenedDeps } from "./create-deps.ts";
import { redisPlaceOf } from "./redis-address.ts";
import { settingsOf } from "./task-settings-from-config.ts";

/**
 * What a process of its own shares with others. Throws an Error that says what is missing: Redis, MySQL, or a schema
 * that is up to date (processes that start together shall not all migrate).
 */
export async function openApart(
  name: string,
  config: Config,
  log: Log,
  more: Partial<DepsOptions> = {},
): Promise<OpenedDeps> {
  const redis = redisPlaceOf(config);
  if (redis === null || !config.DATABASE_URL.startsWith("mysql://")) {
    throw new Error(
      `${name} is one of several processes and shares Redis and MySQL with them: set REDIS_HOST=host:port and ` +
        "DATABASE_URL=mysql://user:password@host:port/name. `npm start` runs all in one process without them.",
    );
  }
  const jobsPerSecond = config.WORKER_JOBS_PER_SECOND;
  const opened = await openDeps({
    databaseUrl: config.DATABASE_URL,
    connectionsMax: config.DATABASE_CONNECTIONS,
    redis,
    redisPrefix: config.REDIS_PREFIX,
    cloud: cloudAccessOf(config),
    wechat: wechatAccessOf(config),
    contentReview: contentReviewOf(config),
    settings: settingsOf(config),
    ...(jobsPerSecond === undefined
      ? {}
      : { consumer: { rateLimit: { max: jobsPerSecond, durationMs: 1_000 } } }),
    log,
    ...more,
  });
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
