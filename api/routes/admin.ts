import { Hono } from "hono";
import { z } from "zod";
import { costLine } from "../../core/admin/cost-report.ts";
import { grantCredits } from "../../core/admin/grant-credits.ts";
import { DrapeError } from "../../core/model/errors.ts";
import { pauseQueue, resumeQueue } from "../../core/queue/pause-queue.ts";
import type { AuditEntry } from "../../core/ports/audit-store.ts";
import type { QueuePositions } from "../../core/queue/queue-position.ts";
import type { ApiDeps, ApiEnv } from "../context.ts";
import { parseIdempotencyKey } from "../idempotency.ts";
import { smallBody } from "../body/body-middleware.ts";
import { requireAdmin } from "../middleware.ts";
import { answerPage, pageFields } from "../page.ts";
import { closedObject, requireJson, validJson, validQuery } from "../body/validate.ts";
import { presentTask } from "../present-task.ts";
import { emailSchema } from "./accounts.ts";
import { createPresetRoutes } from "./presets.ts";
import { presentPause } from "./stats.ts";

const grantBodySchema = z
  .strictObject({
    userId: z.string().min(1).max(64).optional(),
    email: emailSchema.optional(),
    amount: z.number().int().min(1).max(1_000_000),
    reason: z.string().trim().min(1).max(200),
  })
  .transform(({ userId, email, ...facts }, context) => {
    if (userId !== undefined && email === undefined) return { ...facts, to: { userId } };
    if (email !== undefined && userId === undefined) return { ...facts, to: { email } };
    const message = "say to whom: either userId or email";
    context.addIssue({ code: "custom", message, path: ["userId"] });
    return z.NEVER;
  });

const pauseBodySchema = closedObject({ reason: z.string().trim().min(1).max(200) });

/** What only administrators may do; each act leaves its audit row in its own transaction. */
export function createAdminRoutes(deps: ApiDeps & { readonly positions: QueuePositions }) {
  return new Hono<ApiEnv>()
    .use(requireAdmin(deps))
    .post("/credits/grant", requireJson, smallBody(deps), validJson(grantBodySchema), async (c) => {
      const { to, amount, reason } = c.req.valid("json");
      const done = await grantCredits(deps, {
        actor: c.get("actor").userId,
        to,
        amount,
        reason,
        key: parseIdempotencyKey(c.req.header("idempotency-key")),
      });
      if (done.repeated) c.header("Idempotent-Replayed", "true");
      const { id, userId, balance } = done;
      return c.json({ grant: { id, userId, amount, reason }, balance });
    })
    .post("/queue/pause", requireJson, smallBody(deps), validJson(pauseBodySchema), async (c) => {
      const { reason } = c.req.valid("json");
      await pauseQueue(deps, { actor: c.get("actor").userId, reason });
      return c.json({ paused: presentPause(await deps.store.queue.findPause()) });
    })
    .post("/queue/resume", async (c) => {
      const resumed = await resumeQueue(deps, { actor: c.get("actor").userId });
      return c.json({ paused: null, resumed });
    })
    .route("/presets", createPresetRoutes(deps))
    .get("/tasks/:id", async (c) => {
      const task = await deps.store.tasks.find(c.req.param("id"));
      if (task === null) throw new DrapeError("NOT_FOUND", "There is no such task.");
      const queuePosition = (await deps.positions.find([task])).get(task.id);
      const presenting = { objects: deps.objects, nowMs: deps.clock.nowMs(), queuePosition };
      const used = await deps.store.usage.find(task.id);
      const usage = used.map((one) => costLine(one, deps.settings.unitCosts));
      return c.json({ ...presentTask(task, presenting), userId: task.userId, usage });
    })
    .get("/audit", validQuery(z.strictObject(pageFields)), (c) =>
      answerPage(c, c.req.valid("query"), (query) => deps.store.audit.list(query), presentAct),
    );
}

function presentAct({ id, actor, action, subject, detail, createdAtMs }: AuditEntry) {
  return { id, actor, action, subject, detail, createdAt: new Date(createdAtMs).toISOString() };
}
