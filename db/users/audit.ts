import { sql } from "kysely";
import type { AuditEntry, AuditStore, AuditWrite } from "../../core/ports/audit-store.ts";
import { STORE_LIMITS } from "../../core/ports/store-types.ts";
import type { Db, Tx } from "../connection/db.ts";
import type { AuditRow } from "../schema.ts";

/** Notes an administrator's act. Call it within the transaction of the act: both stand, or neither. */
export async function insertAudit(
  db: Db,
  tx: Tx,
  { detail, ...columns }: AuditWrite & { readonly actor: string },
): Promise<void> {
  const row = { ...columns, detail: JSON.stringify(detail), createdAt: db.now };
  await tx.insertInto("audit").values(row).execute();
}

export function createAuditStore(db: Db): AuditStore {
  return {
    async list(query) {
      const { rows } = await auditQuery(db, query).execute(db.kysely);
      return rows.map(({ detail, createdAt, ...entry }) => ({
        ...entry,
        detail: JSON.parse(detail) as AuditEntry["detail"], // written by `insertAudit` alone
        createdAtMs: createdAt,
      }));
    },
  };
}

/** Written for the index, as the other lists are: a page costs the same at any depth. */
function auditQuery({ dialect }: Pick<Db, "dialect">, query: Parameters<AuditStore["list"]>[0]) {
  const { before, limit } = query;
  const filter =
    before === undefined
      ? sql``
      : sql`where createdAt <= ${before.createdAtMs}
          and (createdAt < ${before.createdAtMs} or id < ${before.id})`;
  return sql<AuditRow>`
    select * from audit ${dialect.forceIndex("audit_time")} ${filter}
    order by createdAt desc, id desc limit ${Math.min(limit, STORE_LIMITS.pageMax)}`;
}
