import { sql, type RawBuilder } from "kysely";
import type { ScopedAudit, Check } from "./check-scope.ts";
import type { Dialect } from "../connection/dialect.ts";

/** I1 to I3: what is in the accounts. */
export function balanceChecks({ dialect, accounts }: ScopedAudit): Check[] {
  const total = (column: string, table: string, where = sql``) =>
    dialect.integer(
      sql`(select coalesce(sum(${sql.ref(column)}), 0) from ${sql.table(table)} ${where})`,
    );
  const moved = (side: "debit" | "credit", account: string) =>
    total("amount", "transfers", sql`where ${sql.ref(side)} = ${account}`);
  return [
    {
      invariant: "I1",
      promise: "the transfers of each account add up to its balances",
      query: sql`
        select id as account, available, availableByTransfers, held, heldByTransfers from (
          select a.id, a.available, a.held,
            ${sumOf(dialect, ":available")} as availableByTransfers,
            ${sumOf(dialect, ":held")} as heldByTransfers
          from accounts a where ${accounts}
        ) as sums where available <> availableByTransfers or held <> heldByTransfers`,
    },
    {
      invariant: "I2",
      promise: "credits are conserved: issued = available + held + posted - refunded",
      reach: "whole",
      query: sql`
        select issued, available, held, revenue from (
          select ${moved("debit", "issuer")} - ${moved("credit", "issuer")} as issued,
            ${total("available", "accounts")} as available, ${total("held", "accounts")} as held,
            ${moved("credit", "revenue")} - ${moved("debit", "revenue")} as revenue
        ) as totals where issued <> available + held + revenue`,
    },
    {
      invariant: "I3",
      promise: "no balance and no hold is negative",
      query: sql`
        select a.id as account, a.available, a.held from accounts a
        where (a.available < 0 or a.held < 0) and ${accounts}`,
    },
  ];
}

function sumOf(dialect: Dialect, side: string): RawBuilder<number> {
  const account = dialect.concat(sql`a.id`, side);
  return dialect.integer(sql`(
    (select coalesce(sum(c.amount), 0) from transfers c where c.credit = ${account})
    - (select coalesce(sum(d.amount), 0) from transfers d where d.debit = ${account}))`);
}
