import { sql } from "kysely";
import type { Db } from "../connection/db.ts";
import { ISSUER } from "../rows.ts";

export type Moved = { readonly id: string; readonly userId: string };
export type AuditPosition = { readonly finishedAt: number; readonly id: string };

const LIVE_MAX = 2_000;
const GRANTS_MAX = 2_000;
/** Adding up an account costs a walk over its transfers; one with more on a side is left to the full check. */
const TRANSFERS_MAX = 10_000;

/** What runs, and what is next in line; at most 2,000 of each. */
export async function liveTasks(db: Db): Promise<Moved[]> {
  const tasks = () => db.kysely.selectFrom("tasks").select(["id", "userId"]).limit(LIVE_MAX);
  const running = await tasks().where("status", "=", "running").execute();
  const waiting = (dispatch: string) =>
    tasks()
      .where("status", "=", "queued")
      .where("dispatch", "=", dispatch)
      .orderBy("sortKey")
      .execute();
  const next = [...(await waiting("sent")), ...(await waiting("ready"))].slice(0, LIVE_MAX);
  // A task that was claimed between the two reads is in both.
  return [...new Map([...running, ...next].map((task) => [task.id, task])).values()];
}

/** Ended tasks behind a position, in order of their ends. */
export async function endedSince(
  db: Db,
  { finishedAt, id }: AuditPosition,
  limit: number,
): Promise<(Moved & AuditPosition)[]> {
  const { rows } = await sql<Moved & AuditPosition>`
    select id, userId, finishedAt from tasks ${db.dialect.forceIndex("tasks_finished")}
    where finishedAt >= ${finishedAt} and (finishedAt > ${finishedAt} or id > ${id})
    order by finishedAt, id limit ${limit}`.execute(db.kysely);
  return rows;
}

/** The accounts that were granted credits; the newest 2,000 grants. */
export async function grantedSince(db: Db, sinceMs: number): Promise<string[]> {
  const { rows } = await sql<{ credit: string }>`
    select credit from transfers ${db.dialect.forceIndex("transfers_debit")}
    where debit = ${ISSUER} and createdAt >= ${sinceMs}
    order by createdAt desc limit ${GRANTS_MAX}`.execute(db.kysely);
  return rows.map(({ credit }) => credit.replace(/:available$/, ""));
}

/** Those of the accounts whose transfers are few enough to add up. */
export async function smallAccounts(db: Db, accounts: readonly string[]): Promise<string[]> {
  if (accounts.length === 0) return [];
  const available = db.dialect.concat(sql`a.id`, ":available");
  const beyond = (side: "debit" | "credit") => sql`(
    select 1 from transfers m where m.${sql.ref(side)} = ${available} limit 1 offset ${TRANSFERS_MAX})`;
  const { rows } = await sql<{ id: string }>`
    select a.id from accounts a where a.id in (${sql.join(accounts)})
      and ${beyond("debit")} is null and ${beyond("credit")} is null`.execute(db.kysely);
  return rows.map(({ id }) => id);
}
