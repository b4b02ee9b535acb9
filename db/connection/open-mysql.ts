import { MysqlDialect, MysqlDriver, sql } from "kysely";
import { honestDriver } from "./commit-error-driver.ts";
import { createMysqlPool } from "./mysql-pool.ts";
import type { Db, OpenOptions } from "./open.ts";

/**
 * MySQL 8 or MariaDB through `mysql2`. Every session runs READ COMMITTED in strict mode and UTC; times, credits and
 * counts come back as numbers.
 */
export async function openMysql(url: string, options: OpenOptions): Promise<MysqlDialect> {
  const place = placeOf(url);
  const pool = await createMysqlPool(place, {
    connectionsMax: options.connectionsMax ?? 16,
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    queryTimeoutMs: options.queryTimeoutMs ?? 10_000,
    clock: options.clock,
  });
  const dialect = new MysqlDialect({ pool });
  dialect.createDriver = () => honestDriver(new MysqlDriver({ pool }));
  return dialect;
}

export type MysqlPlace = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly tls: boolean;
};

function placeOf(url: string): MysqlPlace {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const database = parsed === null ? "" : decodeURIComponent(parsed.pathname.slice(1));
  const unknown = [...(parsed?.searchParams.keys() ?? [])].some((name) => name !== "tls");
  if (parsed === null || parsed.hostname === "" || !/^[\w-]{1,64}$/.test(database) || unknown) {
    // Without the text itself: it holds a password.
    throw new Error(
      "DATABASE_URL must be mysql://user:password@host:port/name, with ?tls=true or nothing after it.",
    );
  }
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: parsed.port === "" ? 3306 : Number(parsed.port),
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    database,
    tls: parsed.searchParams.get("tls") === "true",
  };
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
