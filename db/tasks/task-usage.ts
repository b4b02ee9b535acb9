import { sql } from "kysely";
import type { CostPeriod, CostTotals, UsageStore } from "../../core/ports/usage-store.ts";
import type { Usage } from "../../core/model/usage-meter.ts";
import type { Db } from "../connection/db.ts";
import type { TaskUsageRow } from "../schema.ts";

const FIGURES = ["calls", "megabyteMs", "images", "inputTokens", "outputTokens", "bytes"] as const;

/** What tasks used: a row for each task, function and provider, which later attempts add to. */
export function createUsageStore(db: Db): UsageStore {
  return {
    async add(taskId, usage) {
      if (usage.length === 0) return;
      const rows = usage.map((one) => {
        const figures = FIGURES.map((figure) => one[figure]);
        return sql`(${sql.join([taskId, one.function, one.provider, ...figures])}, ${db.now})`;
      });
      const columns = ["taskId", "functionName", "provider", ...FIGURES, "notedAt"] as const;
      await sql`
        insert into taskUsage (${sql.join(columns.map((column) => sql.ref(column)))})
        values ${sql.join(rows)}
        ${db.dialect.addToRow(columns.slice(0, 3), FIGURES, "notedAt")}`.execute(db.kysely);
    },
    async find(taskId) {
      const rows = await db.kysely
        .selectFrom("taskUsage")
        .selectAll()
        .where("taskId", "=", taskId)
        .orderBy("functionName")
        .orderBy("provider")
        .execute();
      return rows.map(usageOfRow);
    },
    async sumCosts(period) {
      const usage = await sumUsage(db, period);
      return { usage, ...(await sumCredits(db, period)) };
    },
  };
}

function usageOfRow({ functionName, ...row }: Omit<TaskUsageRow, "taskId" | "notedAt">): Usage {
  const { provider, calls, megabyteMs, images, inputTokens, outputTokens, bytes } = row;
  const figures = { calls, megabyteMs, images, inputTokens, outputTokens, bytes };
  return { function: functionName as Usage["function"], provider, ...figures }; // written by this product alone
}

async function sumUsage(db: Db, { sinceMs, untilMs }: CostPeriod): Promise<Usage[]> {
  const sums = FIGURES.map(
    (figure) => sql`${db.dialect.integer(sql`sum(${sql.ref(figure)})`)} as ${sql.ref(figure)}`,
  );
  const { rows } = await sql<Omit<TaskUsageRow, "taskId" | "notedAt">>`
    select functionName, provider, ${sql.join(sums)}
    from taskUsage ${db.dialect.forceIndex("taskUsage_noted")}
    where notedAt >= ${sinceMs} and notedAt < ${untilMs}
    group by functionName, provider order by functionName, provider`.execute(db.kysely);
  return rows.map(usageOfRow);
}

type Credits = Pick<CostTotals, "tasks" | "chargedCredits" | "releasedCredits">;

async function sumCredits(db: Db, { sinceMs, untilMs }: CostPeriod): Promise<Credits> {
  const whole = (sum: string) => db.dialect.integer(sql`coalesce(sum(${sql.ref(sum)}), 0)`);
  const { rows } = await sql<Credits>`
    select count(*) as tasks, ${whole("r.posted")} as chargedCredits, ${whole("r.released")} as releasedCredits
    from tasks t ${db.dialect.forceIndex("tasks_finished")} join resolutions r on r.taskId = t.id
    where t.finishedAt >= ${sinceMs} and t.finishedAt < ${untilMs}`.execute(db.kysely);
  const { tasks = 0, chargedCredits = 0, releasedCredits = 0 } = rows[0] ?? {};
  return { tasks: Number(tasks), chargedCredits, releasedCredits };
}
