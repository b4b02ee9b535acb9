import { z } from "zod";
import { DrapeError } from "./errors.ts";
import type { FunctionName } from "./functions.ts";
import type { Clock } from "./ports/clock.ts";
import type { Log } from "./ports/log.ts";
import type { Store } from "./ports/store.ts";
import type { TaskSettings } from "./task-settings.ts";

const pauseSchema = z.object({
  code: z.string(),
  message: z.string(),
  sinceMs: z.number(),
  probeAtMs: z.number(),
});
export type FunctionPause = z.infer<typeof pauseSchema>;

/**
 * A function that an operator must mend (missing, unpaid, keys refused) is paused for all workers by a row in the
 * database. From time to time one call may look whether it works again; nothing is spent meanwhile.
 */
export interface FunctionPauses {
  /** Returns when the function may be called, throws FUNCTION_PAUSED when it may not. */
  check(name: FunctionName): Promise<void>;
  /** Notes the operator's fault, with one loud message when it is new. */
  pause(name: FunctionName, error: DrapeError): Promise<void>;
  /** After a call that worked. */
  clear(name: FunctionName): Promise<void>;
  find(name: FunctionName): Promise<FunctionPause | null>;
}

type PauseDeps = {
  readonly store: Pick<Store, "getSetting" | "putSetting">;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: Pick<TaskSettings, "pauseProbeMs">;
};

/** Another process's pause is noticed after this time at the latest; a working function costs no query meanwhile. */
const KNOWN_WELL_MS = 2_000;

export function createFunctionPauses(deps: PauseDeps): FunctionPauses {
  const { store, clock, log, settings } = deps;
  const rowOf = (name: FunctionName) => `pause:${name}`;
  const wellUntilMs = new Map<FunctionName, number>();
  const isKnownWell = (name: FunctionName) => clock.monotonicMs() < (wellUntilMs.get(name) ?? 0);
  const find = async (name: FunctionName): Promise<FunctionPause | null> => {
    const text = await store.getSetting(rowOf(name));
    if (text === null) wellUntilMs.set(name, clock.monotonicMs() + KNOWN_WELL_MS);
    else wellUntilMs.delete(name);
    return text === null ? null : pauseSchema.parse(JSON.parse(text));
  };
  const write = async (name: FunctionName, pause: FunctionPause) => {
    await store.putSetting(rowOf(name), JSON.stringify(pause));
    wellUntilMs.delete(name);
  };

  return {
    find,
    async check(name) {
      if (isKnownWell(name)) return;
      const pause = await find(name);
      if (pause === null) return;
      const waitMs = pause.probeAtMs - clock.nowMs();
      if (waitMs > 0) {
        throw new DrapeError("FUNCTION_PAUSED", pause.message, { retryAfterMs: waitMs });
      }
      await write(name, { ...pause, probeAtMs: clock.nowMs() + settings.pauseProbeMs });
    },
    async pause(name, error) {
      const before = await find(name);
      const nowMs = clock.nowMs();
      await write(name, {
        code: error.code,
        message: error.message,
        sinceMs: before?.sinceMs ?? nowMs,
        probeAtMs: nowMs + settings.pauseProbeMs,
      });
      if (before?.code === error.code) return;
      log.failure(`function ${name} is paused: ${error.operatorMessage ?? error.message}`, null, {
        function: name,
        code: error.code,
      });
    },
    async clear(name) {
      if (isKnownWell(name)) return;
      const pause = await find(name);
      if (pause === null) return;
      await store.putSetting(rowOf(name), null);
      log.success(`function ${name} works again`, {
        function: name,
        pausedMs: clock.nowMs() - pause.sinceMs,
      });
    },
  };
}
