import type { GrantOutcome, GrantWrite } from "../../core/ports/credit-store.ts";
import { DrapeError } from "../../core/model/errors.ts";
import { insertAudit } from "../users/audit.ts";
import { isUniqueViolation } from "../connection/database-errors.ts";
import type { Db } from "../connection/db.ts";
import { availableOf, ISSUER } from "../rows.ts";
import { transaction } from "../connection/transaction.ts";

/** See `CreditStore.grant`. */
export async function grant(db: Db, write: GrantWrite): Promise<GrantOutcome> {
  try {
    return await grantOnce(db, write);
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    // The same id for two customers at the same time: their accounts' locks did not meet. It is there now.
    return grantOnce(db, write);
  }
}

async function grantOnce(db: Db, write: GrantWrite): Promise<GrantOutcome> {
  const { id, userId, amount, reason, actor, audit } = write;
  const credit = availableOf(userId);
  return transaction(db, async (tx) => {
    // The account first: a second grant with this id waits here and then sees the first one's transfer.
    const balance = await db.dialect
      .forUpdate(tx.selectFrom("accounts").select(["available", "held"]).where("id", "=", userId))
      .executeTakeFirst();
    if (balance === undefined) throw new DrapeError("NOT_FOUND", "There is no such customer.");
    const existing = await tx
      .selectFrom("transfers")
      .select(["kind", "credit", "amount", "reason"])
      .where("id", "=", id)
      .executeTakeFirst();
    if (existing !== undefined) {
      const same = existing.credit === credit && existing.amount === amount;
      return same && existing.kind === "grant" && existing.reason === reason
        ? { kind: "repeated", balance }
        : { kind: "id-taken" };
    }
    await tx
      .updateTable("accounts")
      .set((eb) => ({ available: eb("available", "+", amount) }))
      .where("id", "=", userId)
      .execute();
    const base = { id, kind: "grant", taskId: null, debit: ISSUER, credit, amount } as const;
    await tx
      .insertInto("transfers")
      .values({ ...base, reason, actor, createdAt: db.now, uniqueKey: id })
      .execute();
    if (audit !== undefined) await insertAudit(db, tx, { ...audit, actor });
    return { kind: "granted", balance: { ...balance, available: balance.available + amount } };
  });
}
