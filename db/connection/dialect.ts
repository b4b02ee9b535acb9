import { MysqlAdapter, sql, type Kysely, type RawBuilder, type SelectQueryBuilder } from "kysely";
import type { Database } from "../schema.ts";

/** What SQLite and MySQL say differently; everything else here is one SQL for both. */
export type Dialect = {
  readonly name: "sqlite" | "mysql";
  /** The server's clock as an integer: epoch milliseconds, moved by `offsetMs`, the same within one statement. */
  now(offsetMs: number): RawBuilder<number>;
  /** Locks the rows that are read until the transaction ends. SQLite has taken its one lock at `begin` already. */
  forUpdate<T extends keyof Database, O>(
    query: SelectQueryBuilder<Database, T, O>,
  ): SelectQueryBuilder<Database, T, O>;
  /** An index hint to stand after a table's name; SQLite needs none. */
  forceIndex(name: string): RawBuilder<unknown>;
  concat(left: RawBuilder<string> | string, right: RawBuilder<string> | string): RawBuilder<string>;
  /** Makes an integer of a sum, which MySQL gives as DECIMAL and its driver as text. */
  integer(expression: RawBuilder<unknown>): RawBuilder<number>;
  /** Stands behind an insert: adds to the row that has the key already, but `newest` takes the new value. */
  addToRow(key: readonly string[], sums: readonly string[], newest: string): RawBuilder<unknown>;
  /** How many entries the array at `path` of a JSON text has; null where there is none. */
  arrayLength(json: RawBuilder<unknown>, path: string): RawBuilder<number | null>;
  /** The type of texts that may pass 64 KB, where MySQL's `text` ends. */
  readonly longText: RawBuilder<unknown>;
  /** Stands at the end of `create table`. */
  readonly tableOptions: RawBuilder<unknown>;
};

const sqlite: Dialect = {
  name: "sqlite",
  now: (offsetMs) => sql`(cast(unixepoch('subsec') * 1000 as integer) + ${offsetMs})`,
  forUpdate: (query) => query,
  forceIndex: () => sql``,
  concat: (left, right) => sql`(${left} || ${right})`,
  integer: (expression) => sql`cast(${expression} as integer)`,
  addToRow: (key, sums, newest) =>
    sql`on conflict (${sql.join(key.map((name) => sql.ref(name)))})
      do update set ${sql.join([
        ...sums.map(
          (sum) => sql`${sql.ref(sum)} = ${sql.ref(sum)} + ${sql.ref(`excluded.${sum}`)}`,
        ),
        sql`${sql.ref(newest)} = ${sql.ref(`excluded.${newest}`)}`,
      ])}`,
  arrayLength: (json, path) => sql`json_array_length(${json}, ${sql.lit(path)})`,
  longText: sql`text`,
  tableOptions: sql``,
};

const mysql: Dialect = {
  name: "mysql",
  // The session's time zone is UTC, so that no hour of a clock change comes twice.
  now: (offsetMs) => sql`(cast(unix_timestamp(now(3)) * 1000 as signed) + ${offsetMs})`,
  forUpdate: (query) => query.forUpdate(),
  forceIndex: (name) => sql`force index (${sql.id(name)})`,
  concat: (left, right) => sql`concat(${left}, ${right})`,
  integer: (expression) => sql`cast(${expression} as signed)`,
  addToRow: (_, sums, newest) =>
    sql`on duplicate key update ${sql.join([
      ...sums.map((sum) => sql`${sql.ref(sum)} = ${sql.ref(sum)} + values(${sql.ref(sum)})`),
      sql`${sql.ref(newest)} = values(${sql.ref(newest)})`,
    ])}`,
  arrayLength: (json, path) => sql`json_length(${json}, ${sql.lit(path)})`,
  longText: sql`longtext`,
  tableOptions: sql`engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`,
};

/** The dialect that a connection speaks, for code that is handed Kysely alone (migrations, checks). */
export function dialectOf<T>(kysely: Kysely<T>): Dialect {
  return kysely.getExecutor().adapter instanceof MysqlAdapter ? mysql : sqlite;
}
