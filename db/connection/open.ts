import { Kysely, type Dialect as KyselyDialect } from "kysely";
import type { Database } from "../schema.ts";
import type { Db, OpenOptions } from "./db.ts";
import { dialectOf } from "./dialect.ts";
import { checkMysqlExists, openMysql } from "./open-mysql.ts";
import { checkSqliteExists, openSqlite } from "./open-sqlite.ts";

/**
 * Opens `sqlite:<path>` (or `sqlite::memory:`) or `mysql://user:password@host:port/name` (with `?tls=true` when the
 * server shall prove itself). MySQL is reached at the first query. Throws an Error that names DATABASE_URL when the
 * URL is none of these, or when `mustExist` finds nothing.
 */
export async function openDatabase(url: string, options: OpenOptions): Promise<Db> {
  const { onQuery, clock, random } = options;
  const kysely = new Kysely<Database>({
    dialect: await kyselyDialect(url, options),
    ...(onQuery === undefined ? {} : { log: ({ query }) => onQuery(query) }),
  });
  const dialect = dialectOf(kysely);
  const offsetMs = options.clockOffsetMs ?? (() => 0);
  const db: Db = {
    kysely,
    dialect,
    get now() {
      return dialect.now(offsetMs());
    },
    clock,
    random,
    close: () => kysely.destroy(),
  };
  if (options.mustExist === true && dialect.name === "mysql") await checkMysqlExists(db);
  return db;
}

async function kyselyDialect(url: string, options: OpenOptions): Promise<KyselyDialect> {
  if (url.startsWith("mysql://")) return openMysql(url, options);
  const path = /^sqlite:(.+)$/.exec(url)?.[1];
  if (path === undefined) {
    throw new Error(
      "DATABASE_URL must be sqlite:<path of a file> or mysql://user:password@host:port/name.",
    );
  }
  if (options.mustExist === true) checkSqliteExists(path);
  return openSqlite(path);
}
