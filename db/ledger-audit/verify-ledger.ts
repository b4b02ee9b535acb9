import { sql, type Kysely } from "kysely";
import type { CheckResult, Finding } from "../../core/ports/ledger-audit-store.ts";
import { WHOLE_LEDGER, type AuditScope, type Check } from "./check-scope.ts";
import { dialectOf } from "../connection/dialect.ts";
import type { Database } from "../schema.ts";
import { balanceChecks } from "./verify-balances.ts";
import { deliveryChecks } from "./verify-deliveries.ts";
import { verifyObjects, type Head } from "./verify-objects.ts";
import { ownerChecks } from "./verify-owners.ts";
import { settlementChecks } from "./verify-settlements.ts";
import { taskChecks } from "./verify-tasks.ts";
import { writeChecks } from "./verify-writes.ts";

export type { CheckResult };

export type VerifyOptions = {
  /** The rows to look at; all of them by default. */
  readonly part?: AuditScope;
  /** Looks an object up; when given, the pictures of every delivered task are looked for, one request each. */
  readonly head?: Head;
  /** At most so many rows that break a promise are given; 20 by default. */
  readonly findingsMax?: number;
};

export const LISTED_MAX = 20;

/**
 * Runs every check of the invariants (docs/architecture.md); an empty `findings` everywhere means all hold. Each check
 * is one statement, and so sees one moment: it may run beside a working system. `nowMs` is the database's time.
 */
export async function verifyLedger(
  db: Kysely<Database>,
  nowMs: number,
  { part = WHOLE_LEDGER, head, findingsMax = LISTED_MAX }: VerifyOptions = {},
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { invariant, promise, query } of checksOf(db, nowMs, part)) {
    const { rows } =
      await sql<Finding>`select * from (${query}) as findings limit ${findingsMax}`.execute(db);
    results.push({ invariant, promise, findings: rows });
  }
  if (head !== undefined) results.push(await verifyObjects(db, head, findingsMax));
  return results;
}

function checksOf(db: Kysely<Database>, nowMs: number, part: AuditScope): Check[] {
  const context = { ...part, dialect: dialectOf(db) };
  const all = [
    ...balanceChecks(context),
    ...settlementChecks(context),
    ...taskChecks(context, nowMs),
    ...ownerChecks(context),
    ...deliveryChecks(context),
    ...writeChecks(context),
  ];
  const numberOf = ({ invariant }: Check) => Number(/\d+/.exec(invariant)?.[0]);
  return all
    .filter(({ reach = "part" }) => part.reach.includes(reach))
    .toSorted((a, b) => numberOf(a) - numberOf(b));
}
