import type { Store, User } from "../core/ports/store.ts";
import { isUniqueViolation } from "./database-errors.ts";
import type { Db } from "./open.ts";
import { transaction } from "./transaction.ts";

type UserStore = Pick<Store, "createUser" | "findUserByEmail" | "findUser" | "balance">;

export function createUserStore(db: Db): UserStore {
  const { kysely } = db;
  return {
    async createUser(user) {
      try {
        await transaction(db, async (tx) => {
          await tx
            .insertInto("accounts")
            .values({ id: user.id, available: 0, held: 0, lastKey: 0, frozen: null })
            .execute();
          const { createdAtMs, ...columns } = user;
          await tx
            .insertInto("users")
            .values({ ...columns, createdAt: createdAtMs })
            .execute();
        });
        return "created";
      } catch (error) {
        if (isUniqueViolation(error)) return "email-taken";
        throw error;
      }
    },

    async findUserByEmail(email) {
      return userOf(
        await kysely.selectFrom("users").selectAll().where("email", "=", email).executeTakeFirst(),
      );
    },

    async findUser(id) {
      return userOf(
        await kysely.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst(),
      );
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

type Row = Omit<User, "createdAtMs" | "role"> & { role: string; createdAt: number };

function userOf(row: Row | undefined): User | null {
  if (row === undefined) return null;
  const { createdAt, role, ...rest } = row;
  return { ...rest, role: role === "admin" ? "admin" : "customer", createdAtMs: createdAt };
}
