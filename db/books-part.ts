import { sql, type RawBuilder } from "kysely";
import type { Finding } from "../core/ports/books.ts";
import type { Dialect } from "./dialect.ts";

/** The rows that a check looks at: conditions on `accounts a` and on `tasks t`. */
export type BooksPart = {
  readonly whole: boolean;
  readonly accounts: RawBuilder<unknown>;
  readonly tasks: RawBuilder<unknown>;
};

/** Where a check runs. */
export type BooksPlace = BooksPart & { readonly dialect: Dialect };

export type Check = {
  readonly invariant: string;
  readonly promise: string;
  /** The rows that break the promise, each with the `account` that it concerns, where there is one. */
  readonly query: RawBuilder<Finding>;
  /** Its cost grows with all the rows there are: left to `ledger:verify`. */
  readonly wholeOnly?: true;
};

export const WHOLE_BOOKS: BooksPart = { whole: true, accounts: sql`1 = 1`, tasks: sql`1 = 1` };

export const LIVE = sql`('queued', 'running')`;

/** These tasks and accounts, and nothing else. */
export function booksOf(ids: {
  readonly taskIds: readonly string[];
  readonly accountIds: readonly string[];
}): BooksPart {
  const among = (column: string, values: readonly string[]) =>
    values.length === 0 ? sql`1 = 0` : sql`${sql.ref(column)} in (${sql.join(values)})`;
  return {
    whole: false,
    accounts: among("a.id", ids.accountIds),
    tasks: among("t.id", ids.taskIds),
  };
}

/** One account with all its tasks. */
export function booksOfAccount(account: string): BooksPart {
  return {
    whole: false,
    accounts: sql`a.id = ${account}`,
    tasks: sql`t.userId = ${account}`,
  };
}
