import type { User } from "../../core/ports/user-store.ts";
import type { Tx } from "../connection/db.ts";
import type { UserRow } from "../schema.ts";

/** The one way to a new user: with an account, and nothing on it. */
export async function insertUser(tx: Tx, { createdAtMs, ...columns }: User): Promise<void> {
  await tx
    .insertInto("accounts")
    .values({ id: columns.id, available: 0, held: 0, lastKey: 0, frozen: null })
    .execute();
  await tx
    .insertInto("users")
    .values({ ...columns, createdAt: createdAtMs })
    .execute();
}

export function userOf({ createdAt, role, ...rest }: UserRow): User {
  return { ...rest, role: role === "admin" ? "admin" : "customer", createdAtMs: createdAt };
}
