import { Hono } from "hono";
import { FUNCTION_NAMES, type FunctionName } from "../../core/functions.ts";
import { remember } from "../../core/remember.ts";
import type { ApiDeps, ApiEnv } from "../context.ts";
import { DEPENDENCIES, type Circuits } from "../guard-deps.ts";
import { createPartsProbe } from "../probe-parts.ts";

const PAUSES_LIFE_MS = 1_500;

/**
 * `/health/live`: this process answers. `/health/ready`: the database does (200, else 503); without the other parts an
 * api still accepts and tells, and taking all of them out of the balancer would make an outage of a nuisance.
 * `/health`: every part answers (200, else 503), with this process's circuits and the paused functions. They say which
 * part, never why.
 */
export function createHealthRoutes(deps: ApiDeps, circuits: Circuits) {
  const probeParts = createPartsProbe(deps);
  const pausedFunctions = remember(() => findPaused(deps), PAUSES_LIFE_MS, deps.clock);
  const circuitStates = () =>
    Object.fromEntries(DEPENDENCIES.map((name) => [name, circuits[name]()]));
  return new Hono<ApiEnv>()
    .get("/health/live", (c) => c.json({ status: "ok" }))
    .get("/health/ready", async (c) => {
      const { ready, whole, parts } = await probeParts();
      const status = whole ? "ok" : ready ? "degraded" : "down";
      return c.json({ status, parts }, ready ? 200 : 503);
    })
    .get("/health", async (c) => {
      const { whole, parts } = await probeParts();
      const paused = parts.database.status === "ok" ? await pausedFunctions() : [];
      return c.json(
        {
          status: whole ? "ok" : "down",
          parts,
          circuits: circuitStates(),
          pausedFunctions: paused,
        },
        whole ? 200 : 503,
      );
    });
}

async function findPaused({ store }: Pick<ApiDeps, "store">): Promise<FunctionName[]> {
  const rows = await Promise.all(FUNCTION_NAMES.map((name) => store.getSetting(`pause:${name}`)));
  return FUNCTION_NAMES.filter((_, index) => rows[index] !== null);
}
