import { sql, type RawBuilder } from "kysely";
import type { TransferEntry } from "../../core/ports/credit-store.ts";
import { STORE_LIMITS, type PageQuery } from "../../core/ports/store-types.ts";
import type { Db } from "../connection/db.ts";
import { availableOf } from "../rows.ts";
import type { TransferRow } from "../schema.ts";

/** What moved a customer's available credits. A post moves held credits only and is no entry. */
export async function listTransfers(db: Db, query: PageQuery): Promise<TransferEntry[]> {
  const { rows } = await transfersQuery(db, query).execute(db.kysely);
  return rows.map(({ id, kind, taskId, debit, amount, reason, createdAt }) => ({
    id,
    kind,
    taskId,
    reason,
    amount: debit === availableOf(query.userId) ? -amount : amount,
    createdAtMs: createdAt,
  }));
}

/** A page of each side by its own index, then the newest of both. */
export function transfersQuery({ dialect }: Pick<Db, "dialect">, query: PageQuery) {
  const limit = Math.min(query.limit, STORE_LIMITS.pageMax);
  const side = (column: "debit" | "credit"): RawBuilder<TransferRow> => sql`
    select * from (
      select * from transfers ${dialect.forceIndex(`transfers_${column}`)}
      where ${sql.ref(column)} = ${availableOf(query.userId)} ${beforeClause(query.before)}
      order by createdAt desc, id desc limit ${limit}
    ) as ${sql.id(`${column}s`)}`;
  return sql<TransferRow>`
    select * from (${side("debit")} union all ${side("credit")}) as entries
    order by createdAt desc, id desc limit ${limit}`;
}

function beforeClause(before: PageQuery["before"]): RawBuilder<unknown> {
  if (before === undefined) return sql``;
  const { createdAtMs, id } = before;
  return sql`and createdAt <= ${createdAtMs} and (createdAt < ${createdAtMs} or id < ${id})`;
}
