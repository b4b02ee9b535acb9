import { sql } from "kysely";
import { LIVE, type ScopedAudit, type Check } from "./check-scope.ts";

/** A settle reads the clock before it waits for the row, at most this long. */
const LOCK_WAIT_ALLOWANCE_MS = 10_000;

/** I10 and I11: what the holders of leases wrote. */
export function writeChecks({ tasks }: ScopedAudit): Check[] {
  const claims = sql`(t.fence - (case when t.status in ${LIVE} then 0 else 1 end))`;
  const latest = sql`(t.finishedAt + ${LOCK_WAIT_ALLOWANCE_MS})`;
  return [
    {
      invariant: "I10a",
      promise:
        "a paid step was asked for once, and once more for each call that ran for nothing or ended unknown",
      query: sql`
        select account, task, step, idx, state, asks, unknowns, failures from (
          select t.userId as account, t.id as task, s.step, s.idx, s.state, s.asks, s.unknowns, s.failures,
            s.asks - s.unknowns - s.failures as open,
            (case when s.askLimitMs > 0 then 1 else 0 end) as marked
          from tasks t join steps s on s.taskId = t.id where ${tasks}
        ) as asked
        where open < 0 or open > 1 or unknowns < 0 or failures < 0 or (state = 'asked' and open <> marked)`,
    },
    {
      invariant: "I10b",
      promise: "every image that was made is stored once, and no other is",
      query: sql`
        select account, task, step, idx, images from (
          select t.userId as account, t.id as task, s.step, s.idx,
            (select count(*) from images i where i.taskId = s.taskId and i.idx = s.idx) as images
          from tasks t join steps s on s.taskId = t.id
          where ${tasks} and s.step = 'generate' and s.state = 'done'
        ) as made where images <> 1
        union all
        select t.userId as account, t.id as task, 'generate' as step, i.idx, 1 as images
        from tasks t join images i on i.taskId = t.id
        left join steps s on s.taskId = i.taskId and s.step = 'generate' and s.idx = i.idx and s.state = 'done'
        where ${tasks} and s.taskId is null`,
    },
    {
      invariant: "I11",
      promise:
        "no step and no image carries a fence that no claim ever had, and nothing was written to a task after its end " +
        "(that an older fence changes no row is tested on the Store)",
      query: sql`
        select t.userId as account, t.id as task, s.step as what, s.fence, t.fence as taskFence
        from tasks t join steps s on s.taskId = t.id
        where ${tasks} and (s.fence < 1 or s.fence > ${claims} or s.finishedAt > ${latest} or s.askedAt > ${latest})
        union all
        select t.userId as account, t.id as task, 'image' as what, i.fence, t.fence as taskFence
        from tasks t join images i on i.taskId = t.id
        where ${tasks} and (i.fence < 0 or i.fence > ${claims} or i.createdAt > ${latest})
        union all
        select t.userId as account, t.id as task, 'version' as what, r.version as fence, t.version as taskFence
        from tasks t join resolutions r on r.taskId = t.id
        where ${tasks} and r.version is not null and r.version <> t.version`,
    },
  ];
}
