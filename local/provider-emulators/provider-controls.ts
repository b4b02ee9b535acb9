import type { Hono } from "hono";
import { z } from "zod";
import { type FaultPlan, faultSchema } from "./faults.ts";
import { PROVIDER_ROUTES, type RequestLog } from "./request-log.ts";

/** `/control/log` has the requests so far; `/control/faults` takes faults, by kind or by a documented error. */
export function addControls(app: Hono, log: RequestLog, faults: FaultPlan): void {
  const routeSchema = z.enum(PROVIDER_ROUTES).optional();
  app.get("/control/log", (context) => {
    const route = routeSchema.safeParse(context.req.query("route"));
    if (!route.success) return context.json({ error: "route is chat or images" }, 400);
    return context.json({ requests: log.list(route.data) });
  });
  app.delete("/control/log", (context) => {
    log.clear();
    return context.body(null, 204);
  });
  app.get("/control/faults", (context) => context.json({ faults: faults.list() }));
  app.post("/control/faults", async (context) => {
    const fault = faultSchema.safeParse(await context.req.json().catch(() => undefined));
    if (!fault.success) return context.json({ error: z.prettifyError(fault.error) }, 400);
    faults.add(fault.data);
    return context.json({ fault: fault.data }, 201);
  });
  app.delete("/control/faults", (context) => {
    faults.clear();
    return context.body(null, 204);
  });
}
