import { Hono } from "hono";
import { FUNCTION_NAMES } from "../../core/functions.ts";
import type { ApiDeps, ApiEnv } from "../context.ts";

type Part = { readonly status: "ok" | "down"; readonly ms: number };
/** A part that does not answer in this time counts as down. */
const PROBE_MS = 2_000;

/** 200 when all that the API rests on answers, else 503; says which part, never why. */
export function createHealthRoutes(deps: ApiDeps) {
  return new Hono<ApiEnv>().get("/health", async (c) => {
    const parts = {
      database: await probe(deps, () => deps.store.ping()),
      queue: await probe(deps, () => deps.queue.waiting()),
      cache: await probe(deps, () => deps.cache.get("health")),
      storage: await probe(deps, () => deps.objects.head("health")),
    };
    const paused: string[] = [];
    if (parts.database.status === "ok") {
      for (const name of FUNCTION_NAMES) {
        if ((await deps.store.getSetting(`pause:${name}`)) !== null) paused.push(name);
      }
    }
    const down = Object.values(parts).some(({ status }) => status === "down");
    return c.json(
      { status: down ? "down" : "ok", parts, pausedFunctions: paused },
      down ? 503 : 200,
    );
  });
}

async function probe(deps: ApiDeps, work: () => Promise<unknown>): Promise<Part> {
  const startedMs = deps.clock.monotonicMs();
  const stop = new AbortController();
  const late = deps.clock.sleep(PROBE_MS, stop.signal).then(() => {
    throw new Error("no answer in time");
  });
  try {
    await Promise.race([work(), late]);
    return { status: "ok", ms: Math.round(deps.clock.monotonicMs() - startedMs) };
  } catch (error) {
    deps.log.failure("health probe failed", error);
    return { status: "down", ms: Math.round(deps.clock.monotonicMs() - startedMs) };
  } finally {
    late.catch(() => undefined);
    stop.abort(new Error("probe over"));
  }
}
