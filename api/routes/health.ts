import { Hono } from "hono";
import { FUNCTION_NAMES, type FunctionName } from "../../core/model/functions.ts";
import { memoizeWithTtl } from "../../core/resilience/memoize-with-ttl.ts";
import { readWorkersSeen } from "../../core/queue/worker-concurrency.ts";
import type { ApiDeps, ApiEnv } from "../context.ts";
import { DEPENDENCIES, type Circuits } from "../guard-deps.ts";
import { isoTime } from "../iso-time.ts";
import { createPartsProbe } from "../probe-parts.ts";

const PAUSES_LIFE_MS = 1_500;

/**
 * `/health/live`: this process answers. `/health/ready`: the database does (200, else 503); without the other parts an
 * api still accepts and tells, and taking all of them out of the balancer would make an outage of a nuisance.
 * `/health`: every part answers (200, else 503), with this process's circuits, the paused functions, the queue's pause
 * and the workers: without one it is degraded. They say which part, never why.
 */
export function createHealthRoutes(deps: ApiDeps, circuits: Circuits) {
  const probeParts = createPartsProbe(deps);
  const pauses = memoizeWithTtl(() => findPauses(deps), PAUSES_LIFE_MS, deps.clock);
  const workers = memoizeWithTtl(() => findWorkers(deps), PAUSES_LIFE_MS, deps.clock);
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
      const known = parts.database.status === "ok" ? await pauses() : NOT_KNOWN;
      const seen = parts.queue.status === "ok" ? await workers() : NOT_SEEN;
      const status = !whole ? "down" : seen.workers?.running === 0 ? "degraded" : "ok";
      return c.json(
        {
          status,
          parts,
          circuits: circuitStates(),
          ...known,
          ...seen,
        },
        whole ? 200 : 503,
      );
    });
}

type Pauses = {
  readonly pausedFunctions: readonly FunctionName[];
  /** Since when nothing is taken from the queue. */
  readonly queuePause: { readonly since: string | null } | null;
};

const NOT_KNOWN: Pauses = { pausedFunctions: [], queuePause: null };

/** Null: nobody can be heard while Redis is away. */
type Workers = {
  readonly workers: {
    readonly running: number;
    /** When the last one was heard, while none runs; null when none was within a day. */
    readonly noneSince?: string | null;
  } | null;
};

const NOT_SEEN: Workers = { workers: null };

async function findWorkers({ registry }: Pick<ApiDeps, "registry">): Promise<Workers> {
  const { running, lastSeenMs } = await readWorkersSeen({ registry });
  return {
    workers: running > 0 ? { running } : { running, noneSince: isoTime(lastSeenMs) },
  };
}

async function findPauses({
  store,
  functionPauses,
}: Pick<ApiDeps, "store" | "functionPauses">): Promise<Pauses> {
  const paused = await functionPauses.findAll();
  const pause = await store.queue.findPause();
  return {
    pausedFunctions: FUNCTION_NAMES.filter((name) => paused[name] !== null),
    queuePause: pause === null ? null : { since: isoTime(pause.sinceMs) },
  };
}
