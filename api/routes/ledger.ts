import { Hono } from "hono";
import { z } from "zod";
import type { TransferEntry } from "../../core/ports/credit-store.ts";
import type { ApiDeps, ApiEnv } from "../context.ts";
import { answerPage, pageFields } from "../page.ts";
import { validQuery } from "../body/validate.ts";

/** What moved the caller's available credits, newest first; the amounts of all pages add up to `available`. */
export function createLedgerRoutes(deps: ApiDeps) {
  return new Hono<ApiEnv>().get("/", validQuery(z.strictObject(pageFields)), (c) => {
    const { userId } = c.get("actor");
    return answerPage(
      c,
      c.req.valid("query"),
      (query) => deps.store.credits.listTransfers({ userId, ...query }),
      presentEntry,
    );
  });
}

function presentEntry({ id, kind, amount, taskId, reason, createdAtMs }: TransferEntry) {
  return { id, kind, amount, taskId, reason, createdAt: new Date(createdAtMs).toISOString() };
}
