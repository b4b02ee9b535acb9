import { z } from "zod";
import type { Deps } from "../deps.ts";
import { eachFunction, FUNCTION_NAMES, type FunctionName } from "../model/functions.ts";
import type { FunctionHealth } from "./function-client.ts";
import { parseJsonAs } from "../resilience/parse-json.ts";

/** Where workers say how they find the functions; each one's word lives this long. */
export const FUNCTION_HEALTH_TOPIC = "function-health";
export const FUNCTION_HEALTH_LIFE_MS = 25_000;

const healthSchema = z.object({
  circuit: z.enum(["closed", "half-open", "open"]),
  lastError: z.string().nullable(),
  lastLatencyMs: z.number().nullable(),
  // A worker of an earlier version does not say it.
  rateWaitMs: z.number().default(0),
});
const valueSchema = z.partialRecord(z.enum(FUNCTION_NAMES), healthSchema);

/** What the workers say of one function within the life of their word: how many do, and the worst of it. */
export type SaidOfFunction = {
  readonly workers: number;
  readonly worst: FunctionHealth | null;
  /** The longest that a call waits now for the rate that its provider takes. */
  readonly rateWaitMs: number;
};

/** Publishes how this worker finds the functions. A worker calls it every 10 s. */
export async function publishFunctionHealth(
  { registry, invoker }: Pick<Deps, "registry" | "invoker">,
  workerId: string,
): Promise<void> {
  const value = eachFunction((name) => invoker.health(name));
  await registry.post(
    FUNCTION_HEALTH_TOPIC,
    workerId,
    JSON.stringify(value),
    FUNCTION_HEALTH_LIFE_MS,
  );
}

/** Takes back what a worker that stops has said. */
export async function withdrawFunctionHealth(
  { registry }: Pick<Deps, "registry">,
  workerId: string,
): Promise<void> {
  await registry.post(FUNCTION_HEALTH_TOPIC, workerId, "{}", 1);
}

/** What cannot be read (another version's) counts as not said. */
export async function readFunctionHealth({
  registry,
}: Pick<Deps, "registry">): Promise<Readonly<Record<FunctionName, SaidOfFunction>>> {
  const said = (await registry.read(FUNCTION_HEALTH_TOPIC)).flatMap(
    ({ value }) => parseJsonAs(valueSchema, value) ?? [],
  );
  const of = (name: FunctionName): SaidOfFunction => {
    const healths = said.flatMap((value) => value[name] ?? []).sort(byWorst);
    const rateWaitMs = Math.max(0, ...healths.map((health) => health.rateWaitMs));
    return { workers: healths.length, worst: healths[0] ?? null, rateWaitMs };
  };
  return eachFunction(of);
}

const GRAVITY = { closed: 0, "half-open": 1, open: 2 } as const;

/** By the circuit; then who has met an error, then who waited longest. */
function byWorst(a: FunctionHealth, b: FunctionHealth): number {
  const failed = ({ lastError }: FunctionHealth) => (lastError === null ? 0 : 1);
  return (
    GRAVITY[b.circuit] - GRAVITY[a.circuit] ||
    failed(b) - failed(a) ||
    (b.lastLatencyMs ?? 0) - (a.lastLatencyMs ?? 0)
  );
}
