import { sql } from "kysely";
import type { Db } from "../connection/db.ts";

/** Queued and running tasks of one customer. */
export async function countLive(db: Db, userId: string, max: number): Promise<number> {
  const queued = await countUpTo(db, max, { status: "queued", userId });
  if (queued >= max) return queued;
  return queued + (await countUpTo(db, max - queued, { status: "running", userId }));
}

type Which = { readonly status: "queued" | "running"; readonly userId?: string };

/** A count that ends at its limit: the work is bounded by it, not by the table. */
export async function countUpTo(db: Db, max: number, { status, userId }: Which): Promise<number> {
  const index = userId === undefined ? "tasks_dispatch" : "tasks_user_status";
  const owner = userId === undefined ? sql`` : sql`and userId = ${userId}`;
  const { rows } = await sql<{ found: number }>`
    select count(*) as found from (
      select 1 from tasks ${db.dialect.forceIndex(index)} where status = ${status} ${owner} limit ${max}
    ) as counted`.execute(db.kysely);
  return Number(rows[0]?.found ?? 0);
}
