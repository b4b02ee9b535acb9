import type { Store, User } from "../../core/ports/store.ts";
import { isUniqueViolation } from "../connection/database-errors.ts";
import type { Db, Tx } from "../connection/db.ts";
import type { UserRow } from "../schema.ts";
import { transaction } from "../connection/transaction.ts";

type UserStore = Pick<Store, "createUser" | "findUserByEmail" | "findUser" | "balance">;

export function createUserStore(db: Db): UserStore {
  const { kysely } = db;
  return {
    async createUser(user) {
      try {
        await transaction(db, (tx) => insertUser(tx, user));
        return "created";
      } catch (error) {
        if (isUniqueViolation(error)) return "email-taken";
        throw error;
      }
    },

    async findUserByEmail(email) {
      const rows = kysely.selectFrom("users").selectAll().where("email", "=", email);
      const row = await rows.executeTakeFirst();
      return row === undefined ? null : userOf(row);
    },

    async findUser(id) {
      const rows = kysely.selectFrom("users").selectAll().where("id", "=", id);
      const row = await rows.executeTakeFirst();
      return row === undefined ? null : userOf(row);
    },

    async balance(userId) {
      const row = await kysely
        .selectFrom("accounts")
        .select(["available", "held"])
        .where("id", "=", userId)
        .executeTakeFirst();
      return row ?? null;
    },
  };
}

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
