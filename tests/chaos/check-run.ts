import { sql } from "kysely";
import { brokenInvariants } from "../../db/store.fixture.ts";
import { wentBackwards, type ClientHistory } from "./client-history.ts";
import type { Rig } from "./rig.ts";

/** The promises, each as the number of times that it was broken, with the offenders. */
export type Verdict = {
  readonly acknowledged: number;
  /** How many ended in each way. */
  readonly ends: Readonly<Record<string, number>>;
  readonly broken: Readonly<Record<string, readonly string[]>>;
};

/** Holds what the clients were told against what the database says, once everything has come to rest. */
export async function checkRun(rig: Rig, history: ClientHistory): Promise<Verdict> {
  const { kysely } = rig.fleet.db;
  const tasks = await kysely.selectFrom("tasks").select(["id", "status", "metadata"]).execute();
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const byKey = new Map<string, string[]>();
  for (const { id, metadata } of tasks) {
    const { key = "" } = JSON.parse(metadata) as { key?: string }; // written by our own clients
    byKey.set(key, [...(byKey.get(key) ?? []), id]);
  }
  const acknowledged = history.entries.filter(({ taskId }) => taskId !== null);
  const statusOf = (taskId: string | null) => byId.get(taskId ?? "")?.status ?? "missing";
  const live = tasks.filter(({ status }) => status === "queued" || status === "running");
  const invariants = await brokenInvariants(rig.fleet.db);
  return {
    acknowledged: acknowledged.length,
    ends: countBy(tasks.map(({ status }) => status)),
    broken: {
      lost: acknowledged.filter(({ taskId }) => !byId.has(taskId ?? "")).map(({ key }) => key),
      "one key, several tasks": [...byKey]
        .filter(([key, ids]) => key !== "" && ids.length > 1)
        .map(([key]) => key),
      "told another task": history.entries
        .filter(({ seen }) => seen.some((word) => word.startsWith("another")))
        .map(({ key }) => key),
      stuck: live.map(({ id, status }) => `${id} ${status}`),
      "status went backwards": history.entries
        .filter(wentBackwards)
        .map(({ key, seen }) => `${key} ${seen.join(",")}`),
      "cancel lied": acknowledged
        .filter(
          ({ cancel, taskId }) => cancel !== null && cancel !== (statusOf(taskId) === "canceled"),
        )
        .map(({ key, cancel, taskId }) => `${key} said ${cancel}, is ${statusOf(taskId)}`),
      "read by its owner as absent": acknowledged
        .filter(({ seen }) => seen.includes("404"))
        .map(({ key }) => key),
      "charged twice or not returned": await unevenSettlements(rig),
      "pictures bought without an unknown outcome": await generatedTooOften(rig),
      "work stood still": stoodStill(tasks),
      invariants,
    },
  };
}

/** A life has many times the length of any fault: where more than a few ran out, something did not heal by itself. */
const EXPIRED_SHARE_MAX = 0.05;

function stoodStill(tasks: readonly { id: string; status: string }[]): string[] {
  const expired = tasks.filter(({ status }) => status === "expired").map(({ id }) => id);
  return expired.length > tasks.length * EXPIRED_SHARE_MAX ? expired : [];
}

function countBy(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

/** Each ended task: one hold, one resolution, what was held = what was posted and released. */
async function unevenSettlements(rig: Rig): Promise<string[]> {
  const { rows } = await sql<{ task: string }>`
    select t.id as task from tasks t
      left join transfers m on m.taskId = t.id
    where t.status not in ('queued', 'running')
    group by t.id, t.heldCredits
    having sum(case when m.kind = 'hold' then m.amount else 0 end) <> t.heldCredits
      or sum(case when m.kind in ('post', 'release') then m.amount else 0 end) <> t.heldCredits
      or sum(case when m.kind = 'hold' then 1 else 0 end) <> 1
      or sum(case when m.kind = 'post' then 1 else 0 end) > 1
      or sum(case when m.kind = 'release' then 1 else 0 end) > 1`.execute(rig.fleet.db.kysely);
  return rows.map(({ task }) => task);
}

/**
 * The provider's own count of pictures against those that are stored. Each one more must belong to a call whose outcome
 * was not learned, that failed after it had paid (the function could not store it), or that a cancel left open.
 */
async function generatedTooOften(rig: Rig): Promise<string[]> {
  const { rows } = await sql<Record<"stored" | "unknowns" | "failures" | "open", number>>`
    select coalesce(sum(case when state = 'done' then 1 else 0 end), 0) as stored,
      coalesce(sum(unknowns), 0) as unknowns, coalesce(sum(failures), 0) as failures,
      coalesce(sum(case when state = 'asked' and askedAt > 0 then 1 else 0 end), 0) as open
    from steps where step = 'generate'`.execute(rig.fleet.db.kysely);
  const [counts] = rows;
  const stored = Number(counts?.stored ?? 0);
  const excused =
    Number(counts?.unknowns ?? 0) + Number(counts?.failures ?? 0) + Number(counts?.open ?? 0);
  const sold = rig.providers.sold();
  return sold - stored > excused ? [`${sold} sold, ${stored} stored, ${excused} excused`] : [];
}

/** Whether any balance or hold is below zero right now; looked at all through a run. */
export async function negativeNow(rig: Rig): Promise<number> {
  const row = await rig.fleet.db.kysely
    .selectFrom("accounts")
    .select((eb) => eb.fn.countAll<number>().as("n"))
    .where((eb) => eb.or([eb("available", "<", 0), eb("held", "<", 0)]))
    .executeTakeFirstOrThrow();
  return Number(row.n);
}
