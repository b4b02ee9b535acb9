import type { User, UserStore } from "../../core/ports/user-store.ts";
import { isUniqueViolation } from "../connection/database-errors.ts";
import type { Db } from "../connection/db.ts";
import { transaction } from "../connection/transaction.ts";
import { signInAs } from "./identities.ts";
import { insertUser, userOf } from "./users.ts";

export function createUserStore(db: Db): UserStore {
  return {
    async create(user) {
      try {
        await transaction(db, (tx) => insertUser(tx, user));
        return "created";
      } catch (error) {
        if (isUniqueViolation(error)) return "email-taken";
        throw error;
      }
    },
    find: (id) => findBy(db, "id", id),
    findByEmail: (email) => findBy(db, "email", email),
    signInAs: (identities, newcomer) => signInAs(db, { identities, newcomer }),
  };
}

async function findBy(db: Db, column: "id" | "email", value: string): Promise<User | null> {
  const rows = db.kysely.selectFrom("users").selectAll().where(column, "=", value);
  const row = await rows.executeTakeFirst();
  return row === undefined ? null : userOf(row);
}
