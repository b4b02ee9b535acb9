import { DrapeError } from "../core/model/errors.ts";
import { createFunctionPauses } from "../core/invocation/function-pauses.ts";
import type { FunctionInvoker } from "../core/ports/cloud.ts";
import {
  createResilientInvoker,
  type InvokeOptions,
} from "../core/invocation/resilient-invoker.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { changeSettings, DEFAULT_TASK_SETTINGS } from "../core/model/task-settings.ts";
import { EmbeddedLeases } from "../redis/embedded-leases.ts";
import { EmbeddedRateLimiter } from "../redis/embedded-rate-limiter.ts";
import { LeaseSemaphore } from "../redis/lease-semaphore.ts";
import { silentLog } from "./silent-log.ts";
import { system } from "../runtime/system.ts";

export const settings = changeSettings(DEFAULT_TASK_SETTINGS, {
  retries: { tryBackoffMs: 1 },
  circuits: { circuitResetMs: 20, pauseProbeMs: 50 },
});
const event = { action: "import", source: { key: "a/b.jpg" }, toPrefix: "u/" } as const;
export const made = {
  key: "u/x.jpg",
  width: 1,
  height: 1,
  bytes: 1,
  format: "jpeg",
  sourceBytes: 1,
} as const;
export const good = { ok: true, result: made };

/** An invoker that answers from a script; the last line is repeated. */
export function scripted(...script: (unknown | Error)[]) {
  return scriptedOn(new EmbeddedLeases(systemClock), ...script);
}

export function scriptedOn(leases: EmbeddedLeases, ...script: (unknown | Error)[]) {
  const calls: unknown[] = [];
  const functions: FunctionInvoker = {
    async call(_, sent, signal) {
      const line = script[Math.min(calls.length, script.length - 1)];
      calls.push(sent);
      if (line instanceof Error) throw line;
      return typeof line === "function" ? await line(sent, signal) : await line;
    },
    describe: async () => ({ deployed: true, active: true, detail: "Active" }),
  };
  const rows = new Map<string, string | null>();
  let broken = false;
  const store = {
    settings: {
      async get(name: string) {
        if (broken) throw new DrapeError("UNAVAILABLE", "the database is away");
        return rows.get(name) ?? null;
      },
      put: async (name: string, value: string | null) => void rows.set(name, value),
    },
    nowMs: async () => systemClock.nowMs(),
  };
  // What is known of a pause is believed for a while, which a long call outlasts.
  let skewMs = 0;
  const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + skewMs };
  const pauses = createFunctionPauses({ store, clock, log: silentLog, settings });
  const invoker = createResilientInvoker({
    functions,
    clock: systemClock,
    log: silentLog,
    pauses,
    rateLimiter: new EmbeddedRateLimiter(systemClock),
    settings,
    semaphore: new LeaseSemaphore(leases, system),
    random: { fraction: () => 0.5 },
  });
  const invoke = (repeatable = true, circuitPatienceMs = 0, more: Partial<InvokeOptions> = {}) =>
    invoker.invoke("ai-image-processor", event, {
      signal: AbortSignal.timeout(5_000),
      repeatable,
      circuitPatienceMs,
      ...more,
    });
  const breakRows = () => {
    broken = true;
    skewMs += 10_000;
  };
  return { calls, invoker, invoke, rows, breakRows };
}

export const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "none",
    (error: unknown) => (error instanceof DrapeError ? error.code : String(error)),
  );
export const failed = (ran: "no" | "yes" | "unknown") =>
  new DrapeError("FUNCTION_FAILED", "it failed", { ran });
