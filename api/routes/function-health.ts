import { Hono } from "hono";
import { asDrapeError } from "../../core/model/errors.ts";
import { readFunctionHealth, type SaidOfFunction } from "../../core/invocation/function-health.ts";
import type { NotedPause } from "../../core/invocation/function-pauses.ts";
import { eachFunction, FUNCTION_NAMES, type FunctionName } from "../../core/model/functions.ts";
import { memoizeWithTtl } from "../../core/resilience/memoize-with-ttl.ts";
import type { ApiDeps, ApiEnv } from "../context.ts";
import { isoTime } from "../iso-time.ts";

/** GetFunction is asked once in this time, and waited for no longer than that. */
const DESCRIBE_LIFE_MS = 30_000;
const DESCRIBE_MS = 3_000;
const REPORT_LIFE_MS = 2_000;

type Described = {
  /** Null: the platform did not say; `detail` has the code of the failure. */
  readonly deployed: boolean | null;
  readonly active: boolean | null;
  readonly detail: string;
};

/**
 * The three functions as the platform, the database and the workers see them; never invokes one (that is billed).
 * 503 UNAVAILABLE when the database is away, since then nobody knows what is paused.
 */
export function createFunctionHealthRoutes(deps: ApiDeps) {
  const describe = eachFunction((name) =>
    memoizeWithTtl(() => describeFunction(deps, name), DESCRIBE_LIFE_MS, deps.clock),
  );

  async function report() {
    const [said, paused] = await Promise.all([
      readFunctionHealth(deps),
      deps.functionPauses.findAll(),
    ]);
    const functions = await Promise.all(
      FUNCTION_NAMES.map(
        async (name) => [name, present(await describe[name](), paused[name], said[name])] as const,
      ),
    );
    const healthy = functions.every(([, state]) => isHealthy(state));
    return { status: healthy ? "ok" : "degraded", functions: Object.fromEntries(functions) };
  }

  const recent = memoizeWithTtl(report, REPORT_LIFE_MS, deps.clock);
  return new Hono<ApiEnv>().get("/health/scf", async (c) => c.json(await recent()));
}

async function describeFunction(deps: ApiDeps, name: FunctionName): Promise<Described> {
  try {
    return await deps.functions.describe(name, AbortSignal.timeout(DESCRIBE_MS));
  } catch (error) {
    const { code } = asDrapeError(error);
    deps.log.failure("function not described", error, { function: name, code });
    return { deployed: null, active: null, detail: code };
  }
}

function present(described: Described, pause: NotedPause | null, said: SaidOfFunction) {
  const { deployed, active, detail } = described;
  return {
    deployed,
    active,
    detail,
    paused: pause === null ? null : { code: pause.code, since: isoTime(pause.sinceMs) },
    circuit: presentCircuit(said),
    workers: said.workers,
  };
}

function presentCircuit({ worst }: SaidOfFunction) {
  if (worst === null) return null;
  const { circuit: state, lastError, lastLatencyMs } = worst;
  return { state, lastError, lastLatencyMs };
}

function isHealthy({ active, paused, circuit }: ReturnType<typeof present>): boolean {
  return active === true && paused === null && circuit?.state !== "open";
}
