import type { Identity, Newcomer, SignedIn, User } from "../../core/ports/user-store.ts";
import { isUniqueViolation } from "../connection/database-errors.ts";
import type { Db, Tx } from "../connection/db.ts";
import { transaction } from "../connection/transaction.ts";
import { insertUser, userOf } from "./users.ts";

type SignIn = { readonly identities: readonly Identity[]; readonly newcomer: Newcomer };

/** See `UserStore.signInAs`. */
export async function signInAs(db: Db, { identities, newcomer }: SignIn): Promise<SignedIn> {
  // Who has come before, as most have, costs one read.
  const known = await ownersOf(db.kysely, identities);
  const [owner] = known;
  if (owner !== undefined && known.length === identities.length) {
    return { user: owner.user, created: false };
  }
  // Somebody else may write one of them first; each time there is one less to write.
  for (let triesLeft = identities.length; ; triesLeft -= 1) {
    try {
      return await transaction(db, (tx) => signIn(db, tx, { identities, newcomer }));
    } catch (error) {
      if (!isUniqueViolation(error) || triesLeft === 0) throw error;
    }
  }
}

async function signIn(db: Db, tx: Tx, { identities, newcomer }: SignIn): Promise<SignedIn> {
  const known = await ownersOf(tx, identities);
  const owner = known[0]?.user;
  const nobodys = identities.filter((identity) => !known.some((row) => row.identity === identity));
  const user = owner ?? { ...newcomer, email: null, passwordHash: null, role: "customer" };
  const rows = nobodys.map((identity) => ({ identity, userId: user.id, createdAt: db.now }));
  if (rows.length > 0) await tx.insertInto("identities").values(rows).execute();
  if (owner === undefined) await insertUser(tx, user);
  return { user, created: owner === undefined };
}

type Known = { readonly identity: Identity; readonly user: User };

/** Those that belong to somebody, in the order in which they were given. */
async function ownersOf(
  reader: Db["kysely"] | Tx,
  identities: readonly Identity[],
): Promise<readonly Known[]> {
  const rows = await reader
    .selectFrom("identities")
    .innerJoin("users", "users.id", "identities.userId")
    .select(["identity", "id", "email", "passwordHash", "role", "users.createdAt as createdAt"])
    .where("identity", "in", identities)
    .execute();
  return rows
    .map(({ identity, ...row }) => ({ identity, user: userOf(row) }))
    .sort((a, b) => identities.indexOf(a.identity) - identities.indexOf(b.identity));
}
