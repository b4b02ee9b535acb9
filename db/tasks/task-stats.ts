import { sql } from "kysely";
import type { EndedTask, LiveCounts, StatsStore, TaskCount } from "../../core/ports/stats-store.ts";
import type { Db } from "../connection/db.ts";

/** Counts and samples that end at a limit: the work is bounded by it, not by the table. */
export function createStatsStore(db: Db): StatsStore {
  return {
    countByState: (max) => countByState(db, max),
    async countEnded(withinMs, max) {
      const { rows } = await sql<{ found: number }>`
        select count(*) as found from (
          select 1 from tasks ${db.dialect.forceIndex("tasks_finished")}
          where finishedAt > ${db.now} - ${withinMs} limit ${max}
        ) as ended`.execute(db.kysely);
      return Number(rows[0]?.found ?? 0);
    },
    async recentEnds(withinMs, max) {
      const { rows } = await sql<Ended>`
        select type, status, createdAt as createdAtMs, startedAt as startedAtMs, finishedAt as finishedAtMs
        from tasks ${db.dialect.forceIndex("tasks_finished")}
        where finishedAt > ${db.now} - ${withinMs} order by finishedAt desc limit ${max}`.execute(
        db.kysely,
      );
      return rows.map((row) => ({ ...row, ...wordsOf(row) }));
    },
  };
}

type Words = { readonly type: string; readonly status: string };
type Ended = Words & Omit<EndedTask, "type" | "status">;

/** Written by this product alone. */
function wordsOf({ type, status }: Words) {
  return { type: type as TaskCount["type"], status: status as TaskCount["status"] };
}

async function countByState(db: Db, max: number): Promise<LiveCounts> {
  const tallies: TaskCount[] = [];
  let oldestWaitingAtMs: number | null = null;
  let complete = true;
  for (const status of ["queued", "running"] as const) {
    const byType = await countsOf(db, status, max);
    tallies.push(...byType.map(({ type, count }) => ({ ...wordsOf({ type, status }), count })));
    complete &&= byType.reduce((sum, { count }) => sum + count, 0) < max;
    if (status !== "queued") continue;
    const times = [...byType.map(({ oldest }) => oldest), await oldestByDeadline(db, max)];
    const known = times.filter((time) => time !== null);
    if (known.length > 0) oldestWaitingAtMs = Math.min(...known);
  }
  return { tallies, complete, oldestWaitingAtMs };
}

async function countsOf(db: Db, status: "queued" | "running", max: number) {
  const { rows } = await sql<{ type: string; found: number; oldest: number | null }>`
    select type, count(*) as found, min(createdAt) as oldest from (
      select type, createdAt from tasks ${db.dialect.forceIndex("tasks_dispatch")}
      where status = ${status} limit ${max}
    ) as live group by type order by type`.execute(db.kysely);
  return rows.map(({ type, found, oldest }) => ({ type, count: Number(found), oldest }));
}

/** Lives are of few lengths, so that the oldest of them all is among those that end soonest. */
async function oldestByDeadline(db: Db, max: number): Promise<number | null> {
  const { rows } = await sql<{ oldest: number | null }>`
    select min(createdAt) as oldest from (
      select createdAt from tasks ${db.dialect.forceIndex("tasks_deadline")}
      where status = 'queued' order by expiresAt limit ${max}
    ) as waiting`.execute(db.kysely);
  return rows[0]?.oldest ?? null;
}
