import { Hono } from "hono";
import { z } from "zod";
import { COST_DAYS_MAX, readCosts } from "../../core/admin/cost-report.ts";
import type { ApiDeps, ApiEnv } from "../context.ts";
import { isoTime } from "../iso-time.ts";
import { requireAdmin } from "../middleware.ts";
import { validQuery } from "../body/validate.ts";

const DAY_MS = 86_400_000;
const DAYS_DEFAULT = 30;

const time = z.iso
  .datetime({ offset: true })
  .max(40)
  .transform((text) => Date.parse(text));
const costsQuerySchema = z.strictObject({ from: time.optional(), to: time.optional() });

/** `GET /api/v1/admin/costs?from=&to=`: what the platform and the providers get, next to the credits. */
export function createCostRoutes(deps: ApiDeps) {
  return new Hono<ApiEnv>().get(
    "/",
    requireAdmin(deps),
    validQuery(costsQuerySchema.superRefine(checkPeriod(deps))),
    async (c) => {
      const { sinceMs, untilMs } = periodOf(c.req.valid("query"), deps.clock.nowMs());
      const costs = await readCosts(deps, { sinceMs, untilMs });
      return c.json({
        from: isoTime(sinceMs),
        to: isoTime(untilMs),
        currency: deps.settings.unitCosts.currency,
        cost: costs.cost,
        complete: costs.complete,
        lines: costs.lines,
        tasksEnded: costs.tasks,
        credits: { charged: costs.chargedCredits, released: costs.releasedCredits },
      });
    },
  );
}

type Query = z.output<typeof costsQuerySchema>;

function periodOf({ from, to }: Query, nowMs: number) {
  const untilMs = to ?? nowMs;
  return { sinceMs: from ?? untilMs - DAYS_DEFAULT * DAY_MS, untilMs };
}

function checkPeriod({ clock }: Pick<ApiDeps, "clock">) {
  return (query: Query, context: z.RefinementCtx) => {
    const { sinceMs, untilMs } = periodOf(query, clock.nowMs());
    const days = (untilMs - sinceMs) / DAY_MS;
    if (days > 0 && days <= COST_DAYS_MAX) return;
    const message = `the period from \`from\` to \`to\` must be longer than nothing and at most ${COST_DAYS_MAX} days`;
    context.addIssue({ code: "custom", path: ["from"], message });
  };
}
