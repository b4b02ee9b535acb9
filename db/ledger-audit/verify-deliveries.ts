import { sql } from "kysely";
import { LIVE, type ScopedAudit, type Check } from "./check-scope.ts";

/** I9: what customers asked to be told. */
export function deliveryChecks({ dialect, tasks }: ScopedAudit): Check[] {
  const type = dialect.concat("task.", sql`t.status`);
  return [
    {
      invariant: "I9",
      promise:
        "every ended task whose customer asked to be told has one delivery, to that address and of that end; no other task has one",
      query: sql`
        select account, task, status, webhookUrl, deliveries, fitting from (
          select t.userId as account, t.id as task, t.status, t.webhookUrl,
            (select count(*) from deliveries d where d.taskId = t.id) as deliveries,
            (select count(*) from deliveries f where f.taskId = t.id and f.userId = t.userId
              and f.url = t.webhookUrl and f.type = ${type}) as fitting
          from tasks t where ${tasks}
        ) as told
        where ((status in ${LIVE} or webhookUrl is null) and deliveries > 0)
          or (status not in ${LIVE} and webhookUrl is not null and (deliveries <> 1 or fitting <> 1))`,
    },
  ];
}
