import type { TaskCreate } from "../core/ports/store.ts";
import type { Db, Tx } from "./open.ts";
import type { IdempotencyRow } from "./schema.ts";

/** For each create that brings a key, by its task's id: the row that the key belongs to. */
export type KeyOwners = ReadonlyMap<string, IdempotencyRow>;

/**
 * Takes the keys that are free and reads who owns the others: one statement when all are new, two when not. A key
 * that another transaction is taking makes this one wait for its end. The first create of a batch wins its key.
 */
export async function takeKeys(db: Db, tx: Tx, creates: readonly TaskCreate[]): Promise<KeyOwners> {
  const wishes = creates.flatMap(wishOf);
  if (wishes.length === 0) return new Map();
  // In one order everywhere, so that two batches with the same keys do not wait for each other.
  const inserts = [...wishes].sort(byKey).map((row) => ({ ...row, createdAt: db.now }));
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto("idempotency")
    .orIgnore()
    .values(inserts)
    .executeTakeFirst();
  const allNew = numInsertedOrUpdatedRows === BigInt(wishes.length);
  const rows = allNew ? wishes : await readOwners(tx, wishes);
  const byName = new Map(rows.map((row) => [nameOf(row), row]));
  return new Map(wishes.map((wish) => [wish.taskId, ownerOf(wish, byName)]));
}

function ownerOf(
  wish: IdempotencyRow,
  byName: ReadonlyMap<string, IdempotencyRow>,
): IdempotencyRow {
  const owner = byName.get(nameOf(wish));
  // MySQL takes keys that differ in blanks at their end for the same; the API lets no blanks through.
  if (owner === undefined) throw new Error("an idempotency key was taken and not found again");
  return owner;
}

async function readOwners(tx: Tx, wishes: readonly IdempotencyRow[]): Promise<IdempotencyRow[]> {
  return tx
    .selectFrom("idempotency")
    .selectAll()
    .where((eb) =>
      eb.or(
        wishes.map(({ userId, route, idempotencyKey }) =>
          eb.and({ userId, route, idempotencyKey }),
        ),
      ),
    )
    .execute();
}

function wishOf({ task, idempotency }: TaskCreate): IdempotencyRow[] {
  if (idempotency === null) return [];
  const { route, key, bodyHash, response } = idempotency;
  const owner = { userId: task.userId, route, idempotencyKey: key };
  return [{ ...owner, bodyHash, taskId: task.id, response, createdAt: task.createdAtMs }];
}

function nameOf({ userId, route, idempotencyKey }: IdempotencyRow): string {
  return JSON.stringify([userId, route, idempotencyKey]);
}

function byKey(a: IdempotencyRow, b: IdempotencyRow): number {
  const [left, right] = [nameOf(a), nameOf(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
