import type { Db, Tx } from "../connection/db.ts";
import type { IdempotencyRow } from "../schema.ts";
import type { DatedTask } from "./dated-task.ts";

/** For each create that brings a key, by its task's id: the row that the key belongs to. */
export type KeyOwners = ReadonlyMap<string, IdempotencyRow>;

export type TakenKeys = {
  readonly owners: KeyOwners;
  /** Tasks of these creates that stand already: their first commit was not heard of, and they were sent again. */
  readonly alreadyCreated: ReadonlySet<string>;
};

/** The row of a key that a create has taken. */
export async function findKey(
  { kysely }: Pick<Db, "kysely">,
  { userId, route, key }: { readonly userId: string; readonly route: string; readonly key: string },
): Promise<IdempotencyRow | null> {
  const row = await kysely
    .selectFrom("idempotency")
    .selectAll()
    .where("userId", "=", userId)
    .where("route", "=", route)
    .where("idempotencyKey", "=", key)
    .executeTakeFirst();
  return row ?? null;
}

/**
 * Takes the keys that are free and reads who owns the others: one statement when all are new, two when not. A key
 * that another transaction is taking makes this one wait for its end. The first create of a batch wins its key.
 */
export async function takeKeys(tx: Tx, creates: readonly DatedTask[]): Promise<TakenKeys> {
  const keys = creates.flatMap(keyOf);
  if (keys.length === 0) return { owners: new Map(), alreadyCreated: new Set() };
  // In one order everywhere, so that two batches with the same keys do not wait for each other.
  const inserts = [...keys].sort(byKey);
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto("idempotency")
    .orIgnore()
    .values(inserts)
    .executeTakeFirst();
  const allNew = numInsertedOrUpdatedRows === BigInt(keys.length);
  const rows = allNew ? keys : await readOwners(tx, keys);
  const byName = new Map(rows.map((row) => [nameOf(row), row]));
  const owners = new Map(keys.map((key) => [key.taskId, ownerOf(key, byName)]));
  return { owners, alreadyCreated: allNew ? new Set() : await readAlreadyCreated(tx, owners) };
}

/** Frees the keys that these very creates took. By the primary key, so that no other row is read or locked. */
export async function giveBackKeys(tx: Tx, creates: readonly DatedTask[]): Promise<void> {
  const keys = creates.flatMap(keyOf);
  if (keys.length === 0) return;
  await tx
    .deleteFrom("idempotency")
    .where((eb) =>
      eb.or(
        keys.map(({ userId, route, idempotencyKey, taskId }) =>
          eb.and({ userId, route, idempotencyKey, taskId }),
        ),
      ),
    )
    .execute();
}

function ownerOf(key: IdempotencyRow, byName: ReadonlyMap<string, IdempotencyRow>): IdempotencyRow {
  const owner = byName.get(nameOf(key));
  // MySQL takes keys that differ in blanks at their end for the same; the API lets no blanks through.
  if (owner === undefined) throw new Error("an idempotency key was taken and not found again");
  return owner;
}

async function readAlreadyCreated(tx: Tx, owners: KeyOwners): Promise<Set<string>> {
  const own = [...owners].flatMap(([id, owner]) => (owner.taskId === id ? id : []));
  if (own.length === 0) return new Set();
  const rows = await tx.selectFrom("tasks").select("id").where("id", "in", own).execute();
  return new Set(rows.map(({ id }) => id));
}

async function readOwners(tx: Tx, keys: readonly IdempotencyRow[]): Promise<IdempotencyRow[]> {
  return tx
    .selectFrom("idempotency")
    .selectAll()
    .where((eb) =>
      eb.or(
        keys.map(({ userId, route, idempotencyKey }) => eb.and({ userId, route, idempotencyKey })),
      ),
    )
    .execute();
}

function keyOf({ task, times, response, idempotency }: DatedTask): IdempotencyRow[] {
  if (idempotency === null) return [];
  const { route, key, bodyHash } = idempotency;
  const owner = { userId: task.userId, route, idempotencyKey: key };
  return [{ ...owner, bodyHash, taskId: task.id, response, createdAt: times.createdAtMs }];
}

function nameOf({ userId, route, idempotencyKey }: IdempotencyRow): string {
  return JSON.stringify([userId, route, idempotencyKey]);
}

function byKey(a: IdempotencyRow, b: IdempotencyRow): number {
  const [left, right] = [nameOf(a), nameOf(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
