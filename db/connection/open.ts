import {
  Kysely,
  sql,
  type Dialect as KyselyDialect,
  type RawBuilder,
  type Transaction,
} from "kysely";
import type { Clock } from "../../core/ports/clock.ts";
import type { Random } from "../../core/ports/random.ts";
import { dialectOf, type Dialect } from "./dialect.ts";
import { checkMysqlExists, openMysql } from "./open-mysql.ts";
import { checkSqliteExists, openSqlite } from "./open-sqlite.ts";
import type { Database } from "../schema.ts";

export type Db = {
  readonly kysely: Kysely<Database>;
  readonly dialect: Dialect;
  /** The database's clock in SQL, epoch milliseconds, moved by the offset that tests set. */
  readonly now: RawBuilder<number>;
  /** This process's: for waits, and for the time in an id. Leases and deadlines go by `now`. */
  readonly clock: Clock;
  readonly random: Random;
  close(): Promise<void>;
};
export type Tx = Transaction<Database>;

export type OpenOptions = {
  readonly clock: Clock;
  readonly random: Random;
  /** Moves the database's clock: leases and deadlines are tested without waiting. */
  readonly clockOffsetMs?: () => number;
  /** Sees every statement that was run; for measurements. */
  readonly onQuery?: (query: {
    readonly sql: string;
    readonly parameters: readonly unknown[];
  }) => void;
  /** Refuse to make a new, empty database. */
  readonly mustExist?: boolean;
  /** MySQL: connections at most; 16 by default. */
  readonly connectionsMax?: number;
  /** MySQL: how long a connection may take to be made or to become free; 5 s by default. */
  readonly connectTimeoutMs?: number;
  /** MySQL: how long one statement may take; 10 s by default, less than any HTTP request may take. */
  readonly queryTimeoutMs?: number;
};

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

/**
 * The table of tasks for an update of named rows. Everybody locks tasks by their primary key: by an index of the
 * status, which the optimizer likes while few are running, they would wait for each other crosswise.
 */
export function tasksById({ dialect }: Pick<Db, "dialect">): RawBuilder<unknown> {
  return sql`tasks ${dialect.forceIndex("primary")}`;
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
