import type { CreditStore } from "../../core/ports/credit-store.ts";
import type { Db } from "../connection/db.ts";
import { holdAccounts } from "./hold-accounts.ts";
import { grant } from "./grants.ts";
import { listTransfers } from "./list-transfers.ts";

export function createCreditStore(db: Db): CreditStore {
  return {
    grant: (write) => grant(db, write),
    async balance(userId) {
      const row = await db.kysely
        .selectFrom("accounts")
        .select(["available", "held"])
        .where("id", "=", userId)
        .executeTakeFirst();
      return row ?? null;
    },
    listTransfers: (query) => listTransfers(db, query),
    holdAccounts: (accounts) => holdAccounts(db, accounts),
  };
}
