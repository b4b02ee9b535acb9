import type { Store, User } from "../core/ports/store.ts";
import { DrapeError } from "../core/errors.ts";
import { isUniqueViolation } from "./database-errors.ts";
import type { Db } from "./open.ts";
import { availableOf, ISSUER } from "./rows.ts";
import { transaction } from "./transaction.ts";

type UserStore = Pick<Store, "createUser" | "findUserByEmail" | "findUser" | "grant" | "balance">;

export function createUserStore(db: Db): UserStore {
  const { kysely } = db;
  return {
    async createUser(user) {
      try {
        await transaction(db, async (tx) => {
          await tx
            .insertInto("accounts")
            .values({ id: user.id, available: 0, held: 0, lastKey: 0 })
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

    grant: (wish) => grant(db, wish),

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

type Grant = Parameters<Store["grant"]>[0];

async function grant(db: Db, { id, userId, amount, reason, actor }: Grant): Promise<void> {
  await transaction(db, async (tx) => {
    // The account first: a second grant with this id waits here and then sees the first one's transfer.
    const account = await db.dialect
      .forUpdate(tx.selectFrom("accounts").select("id").where("id", "=", userId))
      .executeTakeFirst();
    if (account === undefined) throw new DrapeError("NOT_FOUND", "There is no such customer.");
    const existing = await tx
      .selectFrom("transfers")
      .select("id")
      .where("id", "=", id)
      .executeTakeFirst();
    if (existing !== undefined) return;
    await tx
      .updateTable("accounts")
      .set((eb) => ({ available: eb("available", "+", amount) }))
      .where("id", "=", userId)
      .execute();
    const credit = availableOf(userId);
    const base = { id, kind: "grant", taskId: null, debit: ISSUER, credit, amount } as const;
    await tx
      .insertInto("transfers")
      .values({ ...base, reason, actor, createdAt: db.now, uniqueKey: id })
      .execute();
  });
}

type Row = Omit<User, "createdAtMs" | "role"> & { role: string; createdAt: number };

function userOf(row: Row | undefined): User | null {
  if (row === undefined) return null;
  const { createdAt, role, ...rest } = row;
  return { ...rest, role: role === "admin" ? "admin" : "customer", createdAtMs: createdAt };
}
