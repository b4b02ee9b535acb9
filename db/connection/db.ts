import { sql, type Kysely, type RawBuilder, type Transaction } from "kysely";
import type { Clock } from "../../core/ports/clock.ts";
import type { Random } from "../../core/ports/random.ts";
import type { Database } from "../schema.ts";
import type { Dialect } from "./dialect.ts";

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
 * The table of tasks for an update of named rows. Everybody locks tasks by their primary key: by an index of the
 * status, which the optimizer likes while few are running, they would wait for each other crosswise.
 */
export function tasksById({ dialect }: Pick<Db, "dialect">): RawBuilder<unknown> {
  return sql`tasks ${dialect.forceIndex("primary")}`;
}
