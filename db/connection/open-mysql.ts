import { MysqlDialect, MysqlDriver, sql } from "kysely";
import { commitErrorDriver } from "./database-errors.ts";
import { createMysqlPool } from "./mysql-pool.ts";
import type { Db, OpenOptions } from "./db.ts";
import { parseMysqlUrl } from "./mysql-url.ts";

/**
 * MySQL 8 or MariaDB through `mysql2`. Every session runs READ COMMITTED in strict mode and UTC; times, credits and
 * counts come back as numbers.
 */
export async function openMysql(url: string, options: OpenOptions): Promise<MysqlDialect> {
  const pool = await createMysqlPool(parseMysqlUrl(url), {
    connectionsMax: options.connectionsMax ?? 16,
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    queryTimeoutMs: options.queryTimeoutMs ?? 10_000,
    clock: options.clock,
  });
  const dialect = new MysqlDialect({ pool });
  dialect.createDriver = () => commitErrorDriver(new MysqlDriver({ pool }));
  return dialect;
}

/** Throws when the schema was never made in this database; MySQL's own error when it cannot be reached. */
export async function checkMysqlExists(db: Db): Promise<void> {
  try {
    const { rows } = await sql`
      select 1 as found from information_schema.tables
      where table_schema = database() and table_name = 'tasks'`.execute(db.kysely);
    if (rows.length > 0) return;
    throw new Error(
      "There is no database of ours: run db:migrate, or name another by DATABASE_URL or --database.",
    );
  } catch (error) {
    await db.close();
    throw error;
  }
}
