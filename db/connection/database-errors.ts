import type { Driver } from "kysely";
import { DrapeError } from "../../core/model/errors.ts";

/**
 * What an error of a driver means for its caller. `duplicate`: the row is there already. `deadlock`, `lock-wait` and
 * `busy`: nothing was changed, run the whole transaction again. `read-only`, `full` and `connection-lost`: the
 * database is away for now. `misconfigured`: it will stay away until an operator acts.
 */
type DatabaseFault =
  | "duplicate"
  | "deadlock"
  | "lock-wait"
  | "busy"
  | "read-only"
  | "full"
  | "connection-lost"
  | "misconfigured";

const MYSQL_FAULTS: Readonly<Record<number, DatabaseFault>> = {
  1062: "duplicate",
  1213: "deadlock",
  1205: "lock-wait",
  1290: "read-only",
  1792: "read-only",
  1836: "read-only",
  1021: "full",
  1114: "full",
  1040: "connection-lost",
  1053: "connection-lost",
  1158: "connection-lost",
  1159: "connection-lost",
  1160: "connection-lost",
  1161: "connection-lost",
  1203: "connection-lost",
  1317: "connection-lost",
  1927: "connection-lost",
  1044: "misconfigured",
  1045: "misconfigured",
  1049: "misconfigured",
};

/** By the low byte of SQLite's extended codes. */
const SQLITE_FAULTS: Readonly<Record<number, DatabaseFault>> = {
  5: "busy",
  6: "busy",
  8: "read-only",
  10: "connection-lost",
  13: "full",
  14: "connection-lost",
};
/** SQLITE_CONSTRAINT_PRIMARYKEY and SQLITE_CONSTRAINT_UNIQUE. */
const SQLITE_DUPLICATES = new Set([1555, 2067]);

const NETWORK_CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOENT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
  "PROTOCOL_CONNECTION_LOST",
  "PROTOCOL_SEQUENCE_TIMEOUT",
  "POOL_WAIT_TIMEOUT",
]);
/** mysql2 gives these no code. */
const CLOSED = /closed state|Pool is closed|Queue limit reached|Connection lost/;

/** The meaning of an error, or null when it is none of the above (then it is a mistake of ours). */
function faultOf(error: unknown): DatabaseFault | null {
  if (!(error instanceof Error)) return null;
  const { code, errno, errcode } = error as Error & Record<"code" | "errno" | "errcode", unknown>;
  const word = String(code ?? "");
  if (word.startsWith("SQLITE_") || word === "ERR_SQLITE_ERROR") {
    const number = Number(errcode ?? errno);
    if (SQLITE_DUPLICATES.has(number)) return "duplicate";
    return SQLITE_FAULTS[number & 255] ?? null;
  }
  const known = MYSQL_FAULTS[Number(errno)];
  if (known !== undefined) return known;
  return NETWORK_CODES.has(word) || CLOSED.test(error.message) ? "connection-lost" : null;
}

export function isUniqueViolation(error: unknown): boolean {
  return faultOf(error) === "duplicate";
}

/** Whether the database has rolled back and the same transaction may be run again at once. */
export function isWorthRerunning(error: unknown): boolean {
  return ["deadlock", "lock-wait", "busy"].includes(faultOf(error) ?? "");
}

/**
 * The same driver with mapped commit errors: an error at `commit` says what it means (nobody knows),
 * and a `rollback` that fails hides no error before it. It may fail safely: a lost connection and a full disk have
 * rolled back by themselves.
 */
export function commitErrorDriver(driver: Driver): Driver {
  const commit = driver.commitTransaction.bind(driver);
  const rollback = driver.rollbackTransaction.bind(driver);
  driver.commitTransaction = (connection) =>
    commit(connection).catch((error: unknown) => {
      throw commitError(error);
    });
  driver.rollbackTransaction = (connection) => rollback(connection).catch(() => undefined);
  return driver;
}

/**
 * What to throw for an error at `commit`. Unless the server said that it rolled back, nobody knows whether the
 * transaction stands (measured: 14 % of such errors had committed): UNAVAILABLE with `ran: "unknown"`.
 */
function commitError(error: unknown): unknown {
  if (isWorthRerunning(error)) return error;
  return new DrapeError("UNAVAILABLE", "The database did not confirm: look before trying again.", {
    ran: "unknown",
    cause: error,
    retryAfterMs: 1_000,
  });
}

/**
 * The database being away, as UNAVAILABLE; every other error as it came. `ran` says whether the statement may have
 * had its effect: "no" within a transaction that was not committed.
 */
export function asUnavailable(error: unknown, ran: "no" | "unknown"): unknown {
  const fault = faultOf(error);
  if (fault === null || fault === "duplicate") return error;
  return new DrapeError("UNAVAILABLE", "The database cannot be used right now; try again.", {
    ran,
    cause: error,
    retryAfterMs: 1_000,
    operatorMessage:
      fault === "misconfigured"
        ? "The database refuses us: look at DATABASE_URL and the rights of its user."
        : `The database is away (${fault}).`,
  });
}
