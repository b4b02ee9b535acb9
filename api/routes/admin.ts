import { Hono } from "hono";
import { z } from "zod";
import { grantCredits } from "../../core/grant-credits.ts";
import type { AuditEntry } from "../../core/ports/store.ts";
import type { ApiDeps, ApiEnv } from "../context.ts";
import { parseIdempotencyKey } from "../idempotency.ts";
import { requireAdmin, smallBody } from "../middleware.ts";
import { answerPage, pageFields } from "../page.ts";
import { requireJson, validJson, validQuery } from "../validate.ts";
import { emailSchema } from "./accounts.ts";

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

/** What only administrators may do; each act leaves its audit row in its own transaction. */
export function createAdminRoutes(deps: ApiDeps) {
  return new Hono<ApiEnv>()
    .use(requireAdmin(deps))
    .post("/credits/grant", requireJson, smallBody, validJson(grantBodySchema), async (c) => {
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
    .get("/audit", validQuery(z.strictObject(pageFields)), (c) =>
      answerPage(c, c.req.valid("query"), (query) => deps.store.listAudit(query), presentAct),
    );
}

function presentAct({ id, actor, action, subject, detail, createdAtMs }: AuditEntry) {
  return { id, actor, action, subject, detail, createdAt: new Date(createdAtMs).toISOString() };
}
