import { sql } from "kysely";
import { TERMINAL_STATUSES } from "../../core/model/task.ts";
import { LIVE, type ScopedAudit, type Check } from "./check-scope.ts";
import { deliveredCount, promisedCount } from "./delivered-count.ts";

/** A task may live this long past its deadline: a sweep, with room. */
const SWEEP_ALLOWANCE_MS = 30_000;

/** I5 to I7: what tasks promise, where they stand, and when they must have ended. */
export function taskChecks({ dialect, tasks }: ScopedAudit, nowMs: number): Check[] {
  const promised = promisedCount(dialect);
  return [
    {
      invariant: "I5",
      promise:
        "succeeded means that every promised result is on record, partial that some are, failed that none is; " +
        "those that are images are all there",
      query: sql`
        select account, task, type, status, promised, delivered, images, made from (
          select t.userId as account, t.id as task, t.type, t.status, ${promised} as promised,
            ${deliveredCount(dialect)} as delivered,
            (select count(*) from images i where i.taskId = t.id) as images,
            (select count(*) from steps s where s.taskId = t.id and s.step = 'generate' and s.state = 'done') as made
          from tasks t where ${tasks}
        ) as results
        where (status = 'succeeded' and (delivered = 0 or delivered < promised))
          or (status = 'partial' and (delivered = 0 or delivered >= promised))
          or (status in ('succeeded', 'partial') and images <> made)
          or (status = 'failed' and delivered + images > 0)`,
    },
    {
      invariant: "I6",
      promise:
        "every task stands where its counters say that it may: claims, attempts, crashes and versions fit its state, " +
        "and an ended one is as its end left it (the moves themselves are tested on the Store)",
      query: sql`
        select account, task, status, dispatch, fence, version, attempts, crashes, endFence from (
          select t.userId as account, t.id as task, t.status, t.dispatch, t.fence, t.version, t.attempts,
            t.crashes, t.leaseUntil, t.dispatchNo, t.startedAt, t.finishedAt, r.fence as endFence,
            t.fence - (case when t.status in ${LIVE} then 0 else 1 end) as claims
          from tasks t left join resolutions r on r.taskId = t.id where ${tasks}
        ) as lives
        where status not in ('queued', 'running', ${sql.join(TERMINAL_STATUSES)})
          or attempts < 0 or crashes < 0 or claims < 0 or dispatchNo < 0
          -- Each attempt and each crash ended the run of one claim; a running task has one run more.
          or attempts + crashes > claims - (case when status = 'running' then 1 else 0 end)
          or version < fence + 1
          or (startedAt is null and claims > 0) or (startedAt is not null and claims = 0)
          or (status in ${LIVE} and (finishedAt is not null or dispatch not in ('ready', 'sent')))
          or (status = 'queued' and leaseUntil <> 0)
          or (status in ('succeeded', 'partial') and claims = 0)
          or (status not in ${LIVE} and (finishedAt is null or leaseUntil <> 0 or dispatch <> 'done'
            or endFence is null or endFence <> fence))`,
    },
    {
      invariant: "I7",
      promise: "nothing lives past its deadline and a sweep",
      reach: "index",
      query: sql`
        select userId as account, id as task, status, expiresAt from tasks
        where status in ${LIVE} and expiresAt < ${nowMs - SWEEP_ALLOWANCE_MS}`,
    },
  ];
}
