import { newId } from "../../core/model/ids.ts";
import type { AccountHold } from "../../core/ports/credit-store.ts";
import type { CheckResult } from "../../core/ports/ledger-audit-store.ts";
import { holdsAccounts } from "../../core/admin/audit-ledger.ts";
import { insertAudit } from "../users/audit.ts";
import { scopeOfAccount } from "../ledger-audit/check-scope.ts";
import type { Db, Tx } from "../connection/db.ts";
import { transaction } from "../connection/transaction.ts";
import { verifyLedger } from "../ledger-audit/verify-ledger.ts";

const REASON_MAX = 255;

/** See `CreditStore.holdAccounts`. */
export async function holdAccounts(db: Db, accounts: readonly AccountHold[]): Promise<string[]> {
  const frozen: string[] = [];
  for (const { account, reason } of accounts) {
    if (await holdOne(db, account, reason.slice(0, REASON_MAX))) frozen.push(account);
  }
  return frozen;
}

async function holdOne(db: Db, account: string, reason: string): Promise<boolean> {
  return transaction(db, async (tx) => {
    const before = await lockAccount(db, tx, account);
    if (before === undefined || before.frozen !== null) return false;
    await tx.updateTable("accounts").set({ frozen: reason }).where("id", "=", account).execute();
    await audit(db, tx, { action: "account.freeze", actor: "system", account, reason });
    return true;
  });
}

export type Clearing =
  | { readonly kind: "cleared"; readonly reason: string }
  | { readonly kind: "not-frozen" | "no-account" }
  | { readonly kind: "still-broken"; readonly broken: readonly CheckResult[] };

/**
 * Lets a frozen account take tasks again, with an audit row, if what freezes accounts holds for it and for each of its
 * tasks at this moment. Nothing is mended here.
 */
export async function clearAccount(db: Db, account: string, actor: string): Promise<Clearing> {
  return transaction(db, async (tx) => {
    const before = await lockAccount(db, tx, account);
    if (before === undefined) return { kind: "no-account" };
    if (before.frozen === null) return { kind: "not-frozen" };
    const results = await verifyLedger(tx, 0, { part: scopeOfAccount(account) });
    const broken = results.filter(
      ({ invariant, findings }) => holdsAccounts(invariant) && findings.length > 0,
    );
    if (broken.length > 0) return { kind: "still-broken", broken };
    await tx.updateTable("accounts").set({ frozen: null }).where("id", "=", account).execute();
    await audit(db, tx, { action: "account.clear", actor, account, reason: before.frozen });
    return { kind: "cleared", reason: before.frozen };
  });
}

/** With its row locked, no task of the account can be created or settled meanwhile. */
function lockAccount(db: Db, tx: Tx, account: string) {
  return db.dialect
    .forUpdate(tx.selectFrom("accounts").select("frozen").where("id", "=", account))
    .executeTakeFirst();
}

type Act = Readonly<Record<"action" | "actor" | "account" | "reason", string>>;

async function audit(db: Db, tx: Tx, { action, actor, account, reason }: Act): Promise<void> {
  const id = newId("aud", db.clock.nowMs(), db.random);
  await insertAudit(db, tx, { id, action, subject: account, detail: { reason }, actor });
}
