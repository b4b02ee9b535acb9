import { sql, type RawBuilder } from "kysely";
import type { Finding } from "../../core/ports/ledger-audit-store.ts";
import type { Dialect } from "../connection/dialect.ts";

/**
 * What a check has to read: the rows of a part; the few of the whole table that an index finds, once however many the
 * parts; or all the rows there are, which is left to `ledger:verify`.
 */
type CheckReach = "part" | "index" | "whole";

/** The rows that a check looks at: conditions on `accounts a` and on `tasks t`. */
export type AuditScope = {
  /** The checks to run. */
  readonly reach: readonly CheckReach[];
  readonly accounts: RawBuilder<unknown>;
  readonly tasks: RawBuilder<unknown>;
};

/** Where a check runs. */
export type ScopedAudit = AuditScope & { readonly dialect: Dialect };

export type Check = {
  readonly invariant: string;
  readonly promise: string;
  /** The rows that break the promise, each with the `account` that it concerns, where there is one. */
  readonly query: RawBuilder<Finding>;
  /** "part" by default. */
  readonly reach?: CheckReach;
};

export const WHOLE_LEDGER: AuditScope = {
  reach: ["part", "index", "whole"],
  accounts: sql`1 = 1`,
  tasks: sql`1 = 1`,
};

/** No rows of their own: the checks that look once at what an index finds. */
export const INDEXED_LEDGER: AuditScope = {
  reach: ["index"],
  accounts: sql`1 = 0`,
  tasks: sql`1 = 0`,
};

export const LIVE = sql`('queued', 'running')`;

/** These tasks and accounts, and nothing else. */
export function scopeOf(ids: {
  readonly taskIds: readonly string[];
  readonly accountIds: readonly string[];
}): AuditScope {
  const among = (column: string, values: readonly string[]) =>
    values.length === 0 ? sql`1 = 0` : sql`${sql.ref(column)} in (${sql.join(values)})`;
  return {
    reach: ["part"],
    accounts: among("a.id", ids.accountIds),
    tasks: among("t.id", ids.taskIds),
  };
}

/** One account with all its tasks. */
export function scopeOfAccount(account: string): AuditScope {
  return {
    reach: ["part"],
    accounts: sql`a.id = ${account}`,
    tasks: sql`t.userId = ${account}`,
  };
}
