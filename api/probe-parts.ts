import { BEFORE_FIRST_EVENT } from "../core/ports/event-log.ts";
import { memoizeWithTtl } from "../core/resilience/memoize-with-ttl.ts";
import { withTimeout } from "../core/resilience/with-timeout.ts";
import type { ApiDeps } from "./context.ts";
import { DEPENDENCIES, type Dependency } from "./guard-deps.ts";

type Part = { readonly status: "ok" | "down"; readonly ms: number };
export type Parts = {
  /** Whether requests can be served: the database answers. */
  readonly ready: boolean;
  /** Whether every part answers. */
  readonly whole: boolean;
  readonly parts: Readonly<Record<Dependency, Part>>;
};

/** A part that does not answer in this time counts as down. */
const PROBE_MS = 2_000;
/** However many ask for our health, the parts are asked once in this time. */
const PROBE_LIFE_MS = 1_500;

/** Looks at the dependencies themselves, past their circuits; all at once, and for all who ask at about one time. */
export function createPartsProbe(deps: ApiDeps): () => Promise<Parts> {
  const works: Readonly<Record<Dependency, () => Promise<unknown>>> = {
    database: () => deps.store.ping(),
    queue: () => deps.queue.waiting(),
    // The cache itself finds nothing while Redis is away, and calls that no failure.
    cache: () => deps.events.read("health", BEFORE_FIRST_EVENT),
    storage: () => deps.objects.head("health"),
  };
  const look = async (): Promise<Parts> => {
    const found = await Promise.all(
      DEPENDENCIES.map(async (name) => [name, await probe(deps, name, works[name])] as const),
    );
    const parts = Object.fromEntries(found) as Record<Dependency, Part>;
    const whole = found.every(([, { status }]) => status === "ok");
    return { ready: parts.database.status === "ok", whole, parts };
  };
  return memoizeWithTtl(look, PROBE_LIFE_MS, deps.clock);
}

async function probe(deps: ApiDeps, name: Dependency, work: () => Promise<unknown>): Promise<Part> {
  const startedMs = deps.clock.monotonicMs();
  try {
    await withTimeout(deps.clock, PROBE_MS, work(), () => {
      throw new Error("no answer in time");
    });
    return { status: "ok", ms: Math.round(deps.clock.monotonicMs() - startedMs) };
  } catch (error) {
    deps.log.failure("health probe failed", error, { dependency: name });
    return { status: "down", ms: Math.round(deps.clock.monotonicMs() - startedMs) };
  }
}
