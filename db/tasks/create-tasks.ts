import { sql } from "kysely";
import { newId } from "../../core/model/ids.ts";
import type { Random } from "../../core/ports/random.ts";
import type { CreateOutcome, NewTask } from "../../core/ports/task-store.ts";
import { VIRTUAL_TIME } from "./dispatch-tasks.ts";
import { giveBackKeys, takeKeys, type KeyOwners } from "./idempotency-keys.ts";
import { databaseNowMs } from "../connection/database-clock.ts";
import type { Db, Tx } from "../connection/db.ts";
import { dateTask, type DatedTask } from "./dated-task.ts";
import { KEYS_PER_CREDIT, sortKeyOf } from "./fair-queue-keys.ts";
import { availableOf, heldOf } from "../rows.ts";
import type { AccountRow, TaskRow, TransferRow } from "../schema.ts";
import { transaction } from "../connection/transaction.ts";

/**
 * One transaction for up to 64 creates, in at most nine statements however many they are. The clock is read first, so
 * that the answers that keys keep have the times of the rows. Lock order: idempotency rows, account rows in order of
 * their ids, then inserts. Decided in memory, in order, so that one batch cannot spend a balance twice.
 */
export async function createTasks(
  db: Db,
  creates: readonly NewTask[],
  windowSize: number,
): Promise<CreateOutcome[]> {
  return transaction(db, async (tx) => {
    const nowMs = await databaseNowMs(db, tx);
    const dated = creates.map((create) => dateTask(create, nowMs));
    return createInOrder(db, tx, dated, windowSize);
  });
}

/** Answers that are not kept: the same key may succeed after a top-up, or once the account is cleared. */
const REFUSED = new Set(["insufficient", "frozen"]);

type Decision = {
  readonly outcomes: CreateOutcome[];
  /** Tasks of this batch that stand, or will with it. */
  readonly accepted: Set<string>;
  readonly tasks: TaskRow[];
  readonly transfers: TransferRow[];
  readonly touched: Map<string, AccountRow>;
};

async function createInOrder(
  db: Db,
  tx: Tx,
  creates: readonly DatedTask[],
  windowSize: number,
): Promise<CreateOutcome[]> {
  const { owners, alreadyCreated } = await takeKeys(tx, creates);
  const { accounts, virtualTime, sent } = await lockAccounts(db, tx, creates, windowSize);
  const decision: Decision = {
    outcomes: [],
    accepted: new Set(alreadyCreated),
    tasks: [],
    transfers: [],
    touched: new Map(),
  };
  let room = windowSize - sent;
  for (const create of creates) {
    const outcome = alreadyCreated.has(create.task.id)
      ? stands(create, owners)
      : (earlier(create, owners, decision) ??
        decide(create, accounts, decision, { virtualTime, room, random: db.random }));
    if (outcome.kind === "created" && outcome.job !== null) room -= 1;
    decision.outcomes.push(outcome);
  }
  await write(tx, decision, creates);
  return decision.outcomes;
}

type AccountState = AccountRow & { virtualTime: number; sent: number };

/** The accounts of the batch, locked, and beside them what the order of the queue needs to know. */
async function lockAccounts(db: Db, tx: Tx, creates: readonly DatedTask[], windowSize: number) {
  const userIds = [...new Set(creates.map(({ task }) => task.userId))].sort();
  const query = tx
    .selectFrom("accounts")
    .selectAll()
    .select([
      sql<number>`(select numberValue from settings where name = ${VIRTUAL_TIME})`.as(
        "virtualTime",
      ),
      sql<number>`(select count(*) from (
        select 1 from tasks where status = 'queued' and dispatch = 'sent' limit ${windowSize}
      ) as sentTasks)`.as("sent"),
    ])
    .where("id", "in", userIds)
    .orderBy("id");
  const rows: AccountState[] = await db.dialect.forUpdate(query).execute();
  const accounts = new Map(
    rows.map(({ id, available, held, lastKey, frozen }) => [
      id,
      { id, available, held, lastKey, frozen },
    ]),
  );
  // Without any account nothing is created, and the account's state is not read.
  const { virtualTime, sent } = rows[0] ?? { virtualTime: 0, sent: 0 };
  return { accounts, virtualTime, sent };
}

/** Its first commit was not heard of: the answer is the one that was kept then, and the sweep finds its job. */
function stands({ task, response }: DatedTask, owners: KeyOwners): CreateOutcome {
  return { kind: "created", job: null, response: owners.get(task.id)?.response ?? response };
}

/** The outcome when the key belongs to an earlier create, in the table or in this very batch. */
function earlier(
  { task, idempotency }: DatedTask,
  owners: KeyOwners,
  decision: Decision,
): CreateOutcome | null {
  const owner = owners.get(task.id);
  if (idempotency === null || owner === undefined || owner.taskId === task.id) return null;
  if (owner.bodyHash !== idempotency.bodyHash) return { kind: "key-reused" };
  const sibling = owners.has(owner.taskId);
  const accepted = decision.accepted.has(owner.taskId);
  if (sibling && !accepted) return null;
  return { kind: "replayed", response: owner.response, taskId: owner.taskId };
}

type Moment = {
  readonly virtualTime: number;
  readonly room: number;
  readonly random: Random;
};

function decide(
  create: DatedTask,
  accounts: Map<string, AccountRow>,
  decision: Decision,
  { virtualTime, room, random }: Moment,
): CreateOutcome {
  const { task, response } = create;
  const account = accounts.get(task.userId);
  const { available, held } = account ?? { available: 0, held: 0 };
  if (account !== undefined && account.frozen !== null) return { kind: "frozen" };
  if (account === undefined || available < task.heldCredits) {
    return { kind: "insufficient", available, held };
  }
  const shareKey = task.heldCredits * KEYS_PER_CREDIT;
  const lastKey = Math.max(virtualTime, account.lastKey) + shareKey;
  const next = {
    ...account,
    available: available - task.heldCredits,
    held: held + task.heldCredits,
    lastKey,
  };
  accounts.set(task.userId, next);
  decision.touched.set(task.userId, next);
  const sendNow = room > 0;
  const { id, priority } = task;
  decision.accepted.add(id);
  decision.tasks.push({
    ...taskColumns(create),
    dispatch: sendNow ? "sent" : "ready",
    dispatchNo: sendNow ? 1 : 0,
    sentAt: sendNow ? create.times.createdAtMs : 0,
    sortKey: sortKeyOf(lastKey, priority),
    shareKey,
  });
  if (task.heldCredits > 0) decision.transfers.push(holdTransfer(create, random));
  const job = sendNow ? { id: `${id}-1`, taskId: id, priority } : null;
  return { kind: "created", job, response };
}

function taskColumns({ task, times }: DatedTask) {
  return {
    id: task.id,
    userId: task.userId,
    type: task.type,
    status: "queued",
    priority: task.priority,
    input: JSON.stringify(task.input),
    sources: JSON.stringify(task.sources),
    prices: JSON.stringify(task.prices),
    metadata: JSON.stringify(task.metadata),
    error: null,
    heldCredits: task.heldCredits,
    fence: 0,
    version: 1,
    attempts: 0,
    crashes: 0,
    workerId: null,
    leaseUntil: 0,
    availableAt: times.createdAtMs,
    expiresAt: times.expiresAtMs,
    createdAt: times.createdAtMs,
    startedAt: null,
    finishedAt: null,
    webhookUrl: task.webhookUrl ?? null,
  };
}

function holdTransfer({ task, times }: DatedTask, random: Random): TransferRow {
  return {
    id: newId("trf", times.createdAtMs, random),
    kind: "hold",
    taskId: task.id,
    debit: availableOf(task.userId),
    credit: heldOf(task.userId),
    amount: task.heldCredits,
    reason: "task accepted",
    actor: task.userId,
    createdAt: times.createdAtMs,
    uniqueKey: `${task.id}:hold`,
  };
}

async function write(tx: Tx, decision: Decision, creates: readonly DatedTask[]): Promise<void> {
  await updateAccounts(tx, [...decision.touched.values()]);
  if (decision.tasks.length > 0) await tx.insertInto("tasks").values(decision.tasks).execute();
  if (decision.transfers.length > 0)
    await tx.insertInto("transfers").values(decision.transfers).execute();
  const refused = creates.filter((_, index) => REFUSED.has(decision.outcomes[index]?.kind ?? ""));
  await giveBackKeys(tx, refused);
}

/** One statement for all of them; the rows are locked, so that the values read are still the values. */
async function updateAccounts(tx: Tx, rows: readonly AccountRow[]): Promise<void> {
  if (rows.length === 0) return;
  const byId = (column: "available" | "held" | "lastKey") => {
    const cases = rows.map((row) => sql`when ${row.id} then ${row[column]}`);
    return sql<number>`case id ${sql.join(cases, sql` `)} else ${sql.ref(column)} end`;
  };
  await tx
    .updateTable("accounts")
    .set({ available: byId("available"), held: byId("held"), lastKey: byId("lastKey") })
    .where(
      "id",
      "in",
      rows.map(({ id }) => id),
    )
    .execute();
}
