import type { QueueStore, QueueView } from "../../core/ports/queue-store.ts";
import { PRIORITIES, type Priority } from "../../core/model/task.ts";
import { countUpTo } from "./count-queue.ts";
import type { Db } from "../connection/db.ts";

const RUNNING_MAX = 1_000;

/** The queue seen from outside, by the index of (status, dispatch, sortKey) alone but for the window's few rows. */
export async function viewQueue(
  db: Db,
  { headMax, depthMax }: Parameters<QueueStore["view"]>[0],
): Promise<QueueView> {
  const waiting = db.kysely.selectFrom("tasks").where("status", "=", "queued");
  const sent = await waiting
    .select(["id", "priority", "sentAt", "sortKey"])
    .where("dispatch", "=", "sent")
    .orderBy("sortKey")
    .limit(headMax)
    .execute();
  const ready = await waiting
    .select(["id", "sortKey"])
    .where("dispatch", "=", "ready")
    .orderBy("sortKey")
    .limit(Math.max(1, headMax - sent.length))
    .execute();
  const last = await waiting
    .select("sortKey")
    .where("dispatch", "=", "ready")
    .orderBy("sortKey", "desc")
    .limit(1)
    .executeTakeFirst();
  const head = [...sent.toSorted(asTaken), ...ready].slice(0, headMax);
  const headKey = head.at(-1)?.sortKey ?? 0;
  return {
    head: head.map(({ id }) => id),
    depth:
      head.length < headMax ? head.length : await countUpTo(db, depthMax, { status: "queued" }),
    running: await countUpTo(db, RUNNING_MAX, { status: "running" }),
    headKey,
    lastKey: Math.max(headKey, last?.sortKey ?? headKey),
  };
}

/** See `QueueStore.keysOf`. */
export async function queueKeys(
  { kysely }: Pick<Db, "kysely">,
  taskIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (taskIds.length === 0) return new Map();
  const rows = await kysely
    .selectFrom("tasks")
    .select(["id", "sortKey"])
    .where("id", "in", taskIds)
    .where("status", "=", "queued")
    .execute();
  return new Map(rows.map(({ id, sortKey }) => [id, sortKey]));
}

type Sent = { readonly priority: string; readonly sentAt: number; readonly sortKey: number };

/** As the queue hands them out: by priority, then in the order of their sending. */
function asTaken(a: Sent, b: Sent): number {
  const rank = ({ priority }: Sent) => PRIORITIES.indexOf(priority as Priority);
  return rank(a) - rank(b) || a.sentAt - b.sentAt || a.sortKey - b.sortKey;
}
