import { sql, type Kysely, type RawBuilder } from "kysely";
import { dialectOf, type Dialect } from "./dialect.ts";
import type { Database } from "./schema.ts";

export type Finding = Readonly<Record<string, string | number | null>>;
export type CheckResult = {
  readonly invariant: string;
  readonly promise: string;
  /** Rows that break the promise; at most 20 are listed. */
  readonly findings: readonly Finding[];
};

type Check = {
  readonly invariant: string;
  readonly promise: string;
  readonly query: RawBuilder<Finding>;
};

const LISTED_MAX = 20;
/** A task may live this long past its deadline: a sweep, with room. */
const SWEEP_ALLOWANCE_MS = 30_000;

/** Runs every check of the invariants (docs/architecture.md); an empty `findings` everywhere means all hold. */
export async function verifyLedger(db: Kysely<Database>, nowMs: number): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { invariant, promise, query } of checks(dialectOf(db), nowMs)) {
    const { rows } =
      await sql<Finding>`select * from (${query}) as findings limit ${LISTED_MAX}`.execute(db);
    results.push({ invariant, promise, findings: rows });
  }
  return results;
}

const LIVE = sql`('queued', 'running')`;

function checks(dialect: Dialect, nowMs: number): Check[] {
  return [...balanceChecks(dialect), ...taskCreditChecks(dialect), ...taskChecks(nowMs)];
}

function balanceChecks(dialect: Dialect): Check[] {
  const total = (column: string, table: string, where = sql``) =>
    dialect.integer(
      sql`(select coalesce(sum(${sql.ref(column)}), 0) from ${sql.table(table)} ${where})`,
    );
  const moved = (side: "debit" | "credit", account: string) =>
    total("amount", "transfers", sql`where ${sql.ref(side)} = ${account}`);
  return [
    {
      invariant: "I1",
      promise: "the transfers of each account add up to its balances",
      query: sql`
        select id as account, available, availableByTransfers, held, heldByTransfers from (
          select a.id, a.available, a.held,
            ${sumOf(dialect, ":available")} as availableByTransfers,
            ${sumOf(dialect, ":held")} as heldByTransfers
          from accounts a
        ) as sums where available <> availableByTransfers or held <> heldByTransfers`,
    },
    {
      invariant: "I2",
      promise: "credits are conserved: issued = available + held + posted - refunded",
      query: sql`
        select issued, available, held, revenue from (
          select ${moved("debit", "issuer")} - ${moved("credit", "issuer")} as issued,
            ${total("available", "accounts")} as available, ${total("held", "accounts")} as held,
            ${moved("credit", "revenue")} - ${moved("debit", "revenue")} as revenue
        ) as totals where issued <> available + held + revenue`,
    },
    {
      invariant: "I3",
      promise: "no balance and no hold is negative",
      query: sql`select id as account, available, held from accounts where available < 0 or held < 0`,
    },
  ];
}

function taskCreditChecks(dialect: Dialect): Check[] {
  return [
    {
      invariant: "I4a",
      promise: "every task has one hold, of the amount it says",
      query: sql`
        select t.id as task, t.heldCredits, ${dialect.integer(sql`coalesce(sum(h.amount), 0)`)} as byTransfers
        from tasks t left join transfers h on h.taskId = t.id and h.kind = 'hold'
        group by t.id, t.heldCredits having coalesce(sum(h.amount), 0) <> t.heldCredits`,
    },
    {
      invariant: "I4b",
      promise: "every ended task has one resolution equal to its transfers; no live task has one",
      query: sql`
        select task, status, held, posted, released, postTransfers, releaseTransfers from (
          select t.id as task, t.status, t.heldCredits as held, r.posted, r.released,
            ${movedOf(dialect, "post")} as postTransfers, ${movedOf(dialect, "release")} as releaseTransfers
          from tasks t left join resolutions r on r.taskId = t.id
        ) as settled
        where (status in ${LIVE} and (posted is not null or postTransfers + releaseTransfers > 0))
          or (status not in ${LIVE} and (posted is null or posted <> postTransfers
            or released <> releaseTransfers or posted + released <> held))`,
    },
    {
      invariant: "I4c",
      promise:
        "what a task posted is the price of what it stored, and nothing when it delivered nothing",
      query: sql`
        select task, status, posted, delivered, price from (
          select t.id as task, t.status, r.posted,
            (select count(*) from steps s where s.taskId = t.id and s.step = 'generate' and s.state = 'done') as delivered,
            ${priceOf(dialect)} as price
          from tasks t join resolutions r on r.taskId = t.id
        ) as prices where posted <> (case when delivered = 0 then 0 else price end)`,
    },
  ];
}

function taskChecks(nowMs: number): Check[] {
  return [
    {
      invariant: "I5",
      promise: "succeeded means that every promised image is on record, partial that some are",
      query: sql`
        select task, status, images, made from (
          select t.id as task, t.status,
            (select count(*) from images i where i.taskId = t.id) as images,
            (select count(*) from steps s where s.taskId = t.id and s.step = 'generate' and s.state = 'done') as made
          from tasks t
        ) as delivered
        where (status = 'succeeded' and (images = 0 or images <> made))
          or (status = 'partial' and (images = 0 or images <> made))
          or (status = 'failed' and images > 0)`,
    },
    {
      invariant: "I6",
      promise: "a live task has no end and an ended one has its end; counters are sound",
      query: sql`
        select id as task, status, fence, attempts, crashes, finishedAt from tasks
        where (status in ${LIVE} and finishedAt is not null)
          or (status not in ${LIVE} and (finishedAt is null or fence < 1))
          or attempts < 0 or crashes < 0 or fence < crashes or version < 1`,
    },
    {
      invariant: "I7",
      promise: "nothing lives past its deadline and a sweep",
      query: sql`
        select id as task, status, expiresAt from tasks
        where status in ${LIVE} and expiresAt < ${nowMs - SWEEP_ALLOWANCE_MS}`,
    },
    {
      invariant: "I8",
      promise: "every kept idempotency key leads to a task of the same customer",
      query: sql`
        select i.userId as customer, i.route, i.taskId as task from idempotency i
        left join tasks t on t.id = i.taskId and t.userId = i.userId where t.id is null`,
    },
    {
      invariant: "I10",
      promise: "each image was stored once, and asked for no more often than the task was claimed",
      query: sql`
        select s.taskId as task, s.step, s.idx, s.asks, t.fence from steps s join tasks t on t.id = s.taskId
        where s.asks > t.fence or s.asks < 0
          or (s.step = 'generate' and s.state = 'done' and (
            select count(*) from images i where i.taskId = s.taskId and i.idx = s.idx) <> 1)`,
    },
  ];
}

function sumOf(dialect: Dialect, side: string): RawBuilder<number> {
  const account = dialect.concat(sql`a.id`, side);
  return dialect.integer(sql`(
    (select coalesce(sum(c.amount), 0) from transfers c where c.credit = ${account})
    - (select coalesce(sum(d.amount), 0) from transfers d where d.debit = ${account}))`);
}

function movedOf(dialect: Dialect, kind: string): RawBuilder<number> {
  return dialect.integer(sql`(
    select coalesce(sum(m.amount), 0) from transfers m where m.taskId = t.id and m.kind = ${kind})`);
}

function priceOf(dialect: Dialect): RawBuilder<number> {
  return dialect.integer(sql`(
    select coalesce(sum(s.priceCredits), 0) from steps s where s.taskId = t.id and s.state = 'done')`);
}
