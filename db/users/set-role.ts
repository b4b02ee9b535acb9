import { newId } from "../../core/model/ids.ts";
import type { User } from "../../core/ports/user-store.ts";
import { insertAudit } from "./audit.ts";
import type { Db } from "../connection/db.ts";
import { transaction } from "../connection/transaction.ts";

type RoleChange = { readonly email: string; readonly role: User["role"]; readonly actor: string };

/**
 * Gives a user a role, audited in the same transaction. Tokens that were given before keep the old role until they
 * end; the routes of administrators look at this row as well.
 */
export async function setRole(
  db: Db,
  { email, role, actor }: RoleChange,
): Promise<"changed" | "unchanged" | "no-user"> {
  return transaction(db, async (tx) => {
    const user = await db.dialect
      .forUpdate(
        tx.selectFrom("users").select(["id", "role"]).where("email", "=", email.toLowerCase()),
      )
      .executeTakeFirst();
    if (user === undefined) return "no-user";
    if (user.role === role) return "unchanged";
    await tx.updateTable("users").set({ role }).where("id", "=", user.id).execute();
    const detail = { from: user.role, to: role };
    const audit = {
      id: newId("aud", db.clock.nowMs(), db.random),
      action: "user.role",
      subject: user.id,
      detail,
    };
    await insertAudit(db, tx, { ...audit, actor });
    return "changed";
  });
}
