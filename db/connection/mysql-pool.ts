import type { MysqlPool, MysqlPoolConnection } from "kysely";
import type { Pool, PoolConnection } from "mysql2";
import type { Clock } from "../../core/ports/clock.ts";
import type { MysqlAddress } from "./mysql-url.ts";

export type PoolLimits = {
  readonly connectionsMax: number;
  readonly connectTimeoutMs: number;
  readonly queryTimeoutMs: number;
  readonly clock: Pick<Clock, "sleep">;
};

/** Callers that may wait for a connection; more are refused at once. */
const WAITING_MAX = 1_000;

// READ COMMITTED: at REPEATABLE READ the loser of an idempotency key does not see the winner's row.
// The lock wait ends before the query's time limit, so that it is told as what it is.
const SESSION = [
  "set session transaction isolation level read committed",
  `set session time_zone = '+00:00', innodb_lock_wait_timeout = 5,
    sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO'`,
];

/**
 * `mysql2` with what it lacks: a session set up before its first use, a limit on waiting for a connection, and a
 * connection closed when its state is unknown (a statement ran out of time, a commit or rollback failed).
 */
export async function createMysqlPool(
  target: MysqlAddress,
  limits: PoolLimits,
): Promise<MysqlPool> {
  const { createPool } = await import("mysql2");
  const { tls, ...address } = target;
  const pool = createPool({
    ...address,
    ...(tls ? { ssl: { rejectUnauthorized: true } } : {}),
    charset: "utf8mb4_bin",
    timezone: "Z",
    supportBigNumbers: true,
    stringifyObjects: true,
    connectionLimit: limits.connectionsMax,
    connectTimeout: limits.connectTimeoutMs,
    waitForConnections: true,
    queueLimit: WAITING_MAX,
  });
  const guarded = new WeakMap<PoolConnection, MysqlPoolConnection>();
  return {
    end: (callback) => pool.end(callback),
    getConnection(callback) {
      take(pool, limits, (error, raw) => {
        const known = raw === null ? undefined : guarded.get(raw);
        if (raw === null || known !== undefined) return hand(callback, error, known);
        const connection = guard(raw, limits.queryTimeoutMs);
        prepare(connection, [...SESSION], (failure) => {
          if (failure !== null) return hand(callback, failure, undefined);
          guarded.set(raw, connection);
          hand(callback, null, connection);
        });
      });
    },
  };
}

type Take = Parameters<MysqlPool["getConnection"]>[0];

/** Kysely's type has a connection beside an error too, but looks at it only without one. */
function hand(callback: Take, error: unknown, connection: MysqlPoolConnection | undefined): void {
  callback(error, connection as MysqlPoolConnection);
}

/** A connection, or an error when none came free in time; one that comes later goes back. */
function take(
  pool: Pool,
  { clock, connectTimeoutMs: limitMs }: PoolLimits,
  callback: (error: unknown, raw: PoolConnection | null) => void,
): void {
  let late = false;
  const answered = new AbortController();
  const giveUp = () => {
    late = true;
    const error = new Error(`no connection of the pool came free within ${limitMs} ms`);
    callback(Object.assign(error, { code: "POOL_WAIT_TIMEOUT" }), null);
  };
  clock.sleep(limitMs, answered.signal).then(giveUp, () => undefined);
  pool.getConnection((error, raw) => {
    answered.abort();
    if (late) {
      if (error === null) raw.release();
      return;
    }
    callback(error, error === null ? raw : null);
  });
}

function prepare(
  connection: MysqlPoolConnection,
  statements: string[],
  done: (error: unknown) => void,
): void {
  const next = statements.shift();
  if (next === undefined) return done(null);
  connection.query(next, [], (error) => {
    if (error === null) return prepare(connection, statements, done);
    connection.destroy();
    connection.release();
    done(error);
  });
}

function guard(raw: PoolConnection, queryTimeoutMs: number): MysqlPoolConnection {
  // The pool listens once; a second error of a dying connection would end the process.
  raw.on("error", () => undefined);
  return {
    config: raw.config,
    threadId: raw.threadId ?? 0,
    connect: (callback) => raw.connect(callback),
    destroy: () => raw.destroy(),
    release: () => raw.release(),
    query(text, values: unknown[], callback) {
      const ends = text === "commit" || text === "rollback";
      const options = { sql: text, values, timeout: queryTimeoutMs };
      return raw.query(options, (error, result) => {
        if (error !== null && (ends || error.code === "PROTOCOL_SEQUENCE_TIMEOUT")) raw.destroy();
        callback?.(error, result as never);
      });
    },
  };
}
