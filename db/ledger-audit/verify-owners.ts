import { sql } from "kysely";
import type { ScopedAudit, Check } from "./check-scope.ts";

/** I8 and I12: whose a row is. */
export function ownerChecks({ dialect, tasks }: ScopedAudit): Check[] {
  const available = dialect.concat(sql`t.userId`, ":available");
  const held = dialect.concat(sql`t.userId`, ":held");
  const ownFolder = dialect.concat(sql`t.id`, "/");
  const ownUploads = dialect.concat(dialect.concat('"key":"u/', sql`t.userId`), "/");
  return [
    {
      invariant: "I8",
      promise:
        "every kept idempotency key leads to one task of the same customer, and no task answers to two keys",
      reach: "whole",
      query: sql`
        select i.userId as account, i.route, i.taskId as task from idempotency i
        left join tasks t on t.id = i.taskId and t.userId = i.userId where t.id is null
        union all
        select userId as account, route, taskId as task from idempotency
        where taskId in (select taskId from idempotency group by taskId having count(*) > 1)`,
    },
    {
      invariant: "I12a",
      promise:
        "every transfer of a task moves its own customer's credits, in the direction of its kind",
      query: sql`
        select t.userId as account, t.id as task, m.id as transfer, m.kind, m.debit, m.credit
        from tasks t join transfers m on m.taskId = t.id
        where ${tasks} and not (
          (m.kind = 'hold' and m.debit = ${available} and m.credit = ${held})
          or (m.kind = 'post' and m.debit = ${held} and m.credit = 'revenue')
          or (m.kind = 'release' and m.debit = ${held} and m.credit = ${available})
          or (m.kind = 'refund' and m.debit = 'revenue' and m.credit = ${available}))`,
    },
    {
      invariant: "I12b",
      promise:
        "the objects of a task lie in its own folder, its photos among its customer's uploads, and the customer exists " +
        "(that nobody reads another's is tested on the API)",
      query: sql`
        select t.userId as account, t.id as task, 'image' as what, i.objectKey as object
        from tasks t join images i on i.taskId = t.id
        where ${tasks} and not (substr(i.objectKey, 1, 2) = 't/'
          and substr(i.objectKey, 3, length(t.id) + 1) = ${ownFolder})
        union all
        select t.userId as account, t.id as task, 'source' as what, null as object from tasks t
        where ${tasks} and replace(t.sources, ${ownUploads}, '') like '%"key":"u/%'
        union all
        select t.userId as account, t.id as task, 'customer' as what, null as object
        from tasks t left join accounts a on a.id = t.userId where ${tasks} and a.id is null`,
    },
  ];
}
