import { sql } from "kysely";
import type { QueueStore } from "../../core/ports/queue-store.ts";
import type { Db } from "../connection/db.ts";

/** Counts that end at a limit: the work is bounded by it, not by the table. */
export function createQueueDepthStore(db: Db): Pick<QueueStore, "countQueued" | "countLive"> {
  return {
    countQueued: (max) => countUpTo(db, max, { status: "queued" }),
    async countLive(userId, max) {
      const queued = await countUpTo(db, max, { status: "queued", userId });
      if (queued >= max) return queued;
      return queued + (await countUpTo(db, max - queued, { status: "running", userId }));
    },
  };
}

type Which = { readonly status: "queued" | "running"; readonly userId?: string };

export async function countUpTo(db: Db, max: number, { status, userId }: Which): Promise<number> {
  const index = userId === undefined ? "tasks_dispatch" : "tasks_user_status";
  const owner = userId === undefined ? sql`` : sql`and userId = ${userId}`;
  const { rows } = await sql<{ found: number }>`
    select count(*) as found from (
      select 1 from tasks ${db.dialect.forceIndex(index)} where status = ${status} ${owner} limit ${max}
    ) as counted`.execute(db.kysely);
  return Number(rows[0]?.found ?? 0);
}
