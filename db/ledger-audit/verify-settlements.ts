import { sql, type RawBuilder } from "kysely";
import { LIVE, type ScopedAudit, type Check } from "./check-scope.ts";
import { deliveredCount } from "./delivered-count.ts";
import type { Dialect } from "../connection/dialect.ts";

/** I4: what each task held, posted and gave back. */
export function settlementChecks({ dialect, tasks }: ScopedAudit): Check[] {
  return [
    {
      invariant: "I4a",
      promise: "every task has one hold, of the amount it says",
      query: sql`
        select t.userId as account, t.id as task, t.heldCredits, count(h.id) as holds,
          ${dialect.integer(sql`coalesce(sum(h.amount), 0)`)} as byTransfers
        from tasks t left join transfers h on h.taskId = t.id and h.kind = 'hold'
        where ${tasks} group by t.id, t.userId, t.heldCredits
        having coalesce(sum(h.amount), 0) <> t.heldCredits or count(h.id) > 1`,
    },
    {
      invariant: "I4b",
      promise: "every ended task has one resolution equal to its transfers; no live task has one",
      query: sql`
        select account, task, status, held, posted, released, postTransfers, releaseTransfers from (
          select t.userId as account, t.id as task, t.status, t.heldCredits as held,
            r.amount, r.posted, r.released,
            ${movedOf(dialect, "post")} as postTransfers, ${movedOf(dialect, "release")} as releaseTransfers
          from tasks t left join resolutions r on r.taskId = t.id where ${tasks}
        ) as settled
        where (status in ${LIVE} and (posted is not null or postTransfers + releaseTransfers > 0))
          or (status not in ${LIVE} and (posted is null or posted <> postTransfers
            or released <> releaseTransfers or posted + released <> held or amount <> held))`,
    },
    {
      invariant: "I4c",
      promise:
        "what a task posted is the price of what it stored, and nothing when it delivered nothing",
      query: sql`
        select account, task, status, posted, delivered, price from (
          select t.userId as account, t.id as task, t.status, r.posted,
            ${deliveredCount(dialect)} as delivered, ${priceOf(dialect)} as price
          from tasks t join resolutions r on r.taskId = t.id where ${tasks}
        ) as prices where posted <> (case when delivered = 0 then 0 else price end)`,
    },
    {
      invariant: "I4d",
      promise: "a task's refunds never exceed what it posted",
      query: sql`
        select account, task, posted, refunded from (
          select t.userId as account, t.id as task, coalesce(r.posted, 0) as posted,
            ${movedOf(dialect, "refund")} as refunded
          from tasks t left join resolutions r on r.taskId = t.id where ${tasks}
        ) as refunds where refunded > posted`,
    },
    {
      invariant: "I4e",
      promise: "no credits move, and nothing is resolved, for a task that does not exist",
      reach: "whole",
      query: sql`
        select m.id as transfer, m.kind, m.taskId as task from transfers m
        left join tasks t on t.id = m.taskId
        where t.id is null and (m.taskId is not null or m.kind <> 'grant')
        union all
        select null as transfer, 'resolution' as kind, r.taskId as task from resolutions r
        left join tasks t on t.id = r.taskId where t.id is null`,
    },
  ];
}

function movedOf(dialect: Dialect, kind: string): RawBuilder<number> {
  return dialect.integer(sql`(
    select coalesce(sum(m.amount), 0) from transfers m where m.taskId = t.id and m.kind = ${kind})`);
}

function priceOf(dialect: Dialect): RawBuilder<number> {
  return dialect.integer(sql`(
    select coalesce(sum(s.priceCredits), 0) from steps s where s.taskId = t.id and s.state = 'done')`);
}
