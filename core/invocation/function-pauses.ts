import { z } from "zod";
import { DrapeError } from "../model/errors.ts";
import { eachFunction, FUNCTION_NAMES, type FunctionName } from "../model/functions.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Store } from "../ports/store.ts";
import type { TaskSettings } from "../model/task-settings.ts";
import { parseJsonAs } from "../resilience/parse-json.ts";

const pauseSchema = z.object({
  code: z.string(),
  message: z.string(),
  sinceMs: z.number(),
  probeAtMs: z.number(),
});
type FunctionPause = z.infer<typeof pauseSchema>;
/** A pause as it is told; null: the row is there and does not say since when. */
export type NotedPause = { readonly code: string; readonly sinceMs: number | null };

/**
 * A function that an operator must mend (missing, unpaid, keys refused) is paused for all workers by a row in the
 * database. From time to time one call may look whether it works again; nothing is spent meanwhile. Its times are the
 * database's: a wrong clock is one of the reasons for a pause, and must not decide how long it lasts for the others.
 */
export interface FunctionPauses {
  /** Returns when the function may be called, throws FUNCTION_PAUSED when it may not. */
  check(name: FunctionName): Promise<void>;
  /** Notes the operator's fault, with one loud message when it is new. */
  pause(name: FunctionName, error: DrapeError): Promise<void>;
  /** After a call that worked. */
  clear(name: FunctionName): Promise<void>;
  /** For those who look on: a row that cannot be read pauses its function too. Throws only what the store does. */
  findAll(): Promise<Readonly<Record<FunctionName, NotedPause | null>>>;
}

type PauseDeps = {
  readonly store: Pick<Store, "settings" | "nowMs">;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: { readonly circuits: Pick<TaskSettings["circuits"], "pauseProbeMs"> };
};

/** Another process's pause is noticed after this time at the latest; a working function costs no query meanwhile. */
const KNOWN_HEALTHY_MS = 2_000;

export function createFunctionPauses(deps: PauseDeps): FunctionPauses {
  const { store, clock, log, settings } = deps;
  const rowOf = (name: FunctionName) => `pause:${name}`;
  const healthyUntilMs = new Map<FunctionName, number>();
  const isKnownHealthy = (name: FunctionName) =>
    clock.monotonicMs() < (healthyUntilMs.get(name) ?? 0);
  const find = async (name: FunctionName): Promise<FunctionPause | null> => {
    const text = await store.settings.get(rowOf(name));
    if (text === null) healthyUntilMs.set(name, clock.monotonicMs() + KNOWN_HEALTHY_MS);
    else healthyUntilMs.delete(name);
    return text === null ? null : pauseSchema.parse(JSON.parse(text));
  };
  const write = async (name: FunctionName, pause: FunctionPause) => {
    await store.settings.put(rowOf(name), JSON.stringify(pause));
    healthyUntilMs.delete(name);
  };

  return {
    async findAll() {
      const rows = new Map<FunctionName, string | null>();
      await Promise.all(
        FUNCTION_NAMES.map(async (name) => rows.set(name, await store.settings.get(rowOf(name)))),
      );
      return eachFunction((name) => notedPause(rows.get(name) ?? null));
    },
    async check(name) {
      if (isKnownHealthy(name)) return;
      const pause = await find(name);
      if (pause === null) return;
      const nowMs = await store.nowMs();
      const waitMs = pause.probeAtMs - nowMs;
      if (waitMs > 0) {
        throw new DrapeError("FUNCTION_PAUSED", pause.message, { retryAfterMs: waitMs });
      }
      await write(name, { ...pause, probeAtMs: nowMs + settings.circuits.pauseProbeMs });
    },
    async pause(name, error) {
      const before = await find(name);
      const nowMs = await store.nowMs();
      await write(name, {
        code: error.code,
        message: error.message,
        sinceMs: before?.sinceMs ?? nowMs,
        probeAtMs: nowMs + settings.circuits.pauseProbeMs,
      });
      if (before?.code === error.code) return;
      log.failure(`function ${name} is paused: ${error.operatorMessage ?? error.message}`, null, {
        function: name,
        code: error.code,
      });
    },
    async clear(name) {
      if (isKnownHealthy(name)) return;
      const pause = await find(name);
      if (pause === null) return;
      await store.settings.put(rowOf(name), null);
      log.success(`function ${name} works again`, {
        function: name,
        pausedMs: (await store.nowMs()) - pause.sinceMs,
      });
    },
  };
}

function notedPause(text: string | null): NotedPause | null {
  if (text === null) return null;
  const pause = parseJsonAs(pauseSchema, text);
  if (pause === null) return { code: "FUNCTION_PAUSED", sinceMs: null };
  return { code: pause.code, sinceMs: pause.sinceMs };
}
