import type { AuditWrite } from "../../core/ports/audit-store.ts";
import type { QueuePause } from "../../core/ports/queue-store.ts";
import { insertAudit } from "../users/audit.ts";
import { QUEUE_PAUSE } from "./dispatch-tasks.ts";
import type { Db, Tx } from "../connection/db.ts";
import { transaction } from "../connection/transaction.ts";

/** One row, its text the reason and its number since when; dispatch and claim look at it. */
export async function findPause({ kysely }: Pick<Db, "kysely">): Promise<QueuePause | null> {
  const row = await rowOf(kysely).executeTakeFirst();
  if (row === undefined || row.textValue === null) return null;
  return { reason: row.textValue, sinceMs: row.numberValue === 0 ? null : row.numberValue };
}

/** See `QueueStore.setPause`. */
export async function setPause(
  db: Db,
  reason: string | null,
  audit: AuditWrite & { readonly actor: string },
): Promise<boolean> {
  return transaction(db, async (tx) => {
    await tx
      .insertInto("settings")
      .orIgnore()
      .values({ name: QUEUE_PAUSE, textValue: null, numberValue: 0 })
      .execute();
    const before = await db.dialect.forUpdate(rowOf(tx)).executeTakeFirstOrThrow();
    if (reason === null && before.textValue === null) return false;
    const isNew = before.textValue === null;
    const numberValue = reason === null ? 0 : isNew ? db.now : before.numberValue;
    await tx
      .updateTable("settings")
      .set({ textValue: reason, numberValue })
      .where("name", "=", QUEUE_PAUSE)
      .execute();
    await insertAudit(db, tx, audit);
    return true;
  });
}

function rowOf(reader: Db["kysely"] | Tx) {
  return reader
    .selectFrom("settings")
    .select(["textValue", "numberValue"])
    .where("name", "=", QUEUE_PAUSE);
}
