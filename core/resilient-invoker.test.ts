import { describe, expect, test } from "bun:test";
import { DrapeError } from "./errors.ts";
import type { FunctionInvoker } from "./ports/cloud.ts";
import { EmbeddedRateLimiter } from "../redis/embedded-rate-limiter.ts";
import { EmbeddedLeases } from "../redis/embedded-leases.ts";
import { LeaseSlots } from "../redis/lease-slots.ts";
import { createResilientInvoker, type InvokeOptions } from "./resilient-invoker.ts";
import { systemClock } from "./system-clock.ts";
import { DEFAULT_TASK_SETTINGS } from "./task-settings.ts";
import { FUNCTIONS } from "./functions.ts";
import { createFunctionPauses } from "./function-pauses.ts";
import { silentLog } from "../tests/silent-log.ts";
import { until } from "../tests/until.ts";

const settings = {
  ...DEFAULT_TASK_SETTINGS,
  tryBackoffMs: 1,
  circuitResetMs: 20,
  pauseProbeMs: 50,
};
const event = { action: "import", source: { key: "a/b.jpg" }, toPrefix: "u/" } as const;
const made = {
  key: "u/x.jpg",
  width: 1,
  height: 1,
  bytes: 1,
  format: "jpeg",
  sourceBytes: 1,
} as const;
const good = { ok: true, result: made };

/** An invoker that answers from a script; the last line is repeated. */
function scripted(...script: (unknown | Error)[]) {
  return scriptedOn(new EmbeddedLeases(systemClock), ...script);
}

function scriptedOn(leases: EmbeddedLeases, ...script: (unknown | Error)[]) {
  const calls: unknown[] = [];
  const functions: FunctionInvoker = {
    async call(_, sent) {
      const line = script[Math.min(calls.length, script.length - 1)];
      calls.push(sent);
      if (line instanceof Error) throw line;
      return typeof line === "function" ? await line() : await line;
    },
    describe: async () => ({ deployed: true, active: true, detail: "Active" }),
  };
  const rows = new Map<string, string | null>();
  let broken = false;
  const store = {
    async getSetting(name: string) {
      if (broken) throw new DrapeError("UNAVAILABLE", "the database is away");
      return rows.get(name) ?? null;
    },
    putSetting: async (name: string, value: string | null) => void rows.set(name, value),
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
    slots: new LeaseSlots(leases),
    random: () => 0.5,
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

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "none",
    (error: unknown) => (error instanceof DrapeError ? error.code : String(error)),
  );
const failed = (ran: "no" | "yes" | "unknown") =>
  new DrapeError("FUNCTION_FAILED", "it failed", { ran });

describe("resilient invoker", () => {
  test("a failure worth it is tried again, three times in all", async () => {
    const twice = scripted(failed("yes"), failed("yes"), good);
    const always = scripted(failed("yes"));

    expect(await twice.invoke()).toEqual(made);
    expect(await codeOf(always.invoke())).toBe("FUNCTION_FAILED");
    expect([twice.calls.length, always.calls.length]).toEqual([3, 3]);
  });

  test("a paid call whose outcome is unknown is not sent again", async () => {
    const { invoke, calls } = scripted(failed("unknown"), good);

    expect(await codeOf(invoke(false))).toBe("FUNCTION_FAILED");
    expect(calls).toHaveLength(1);
  });

  test("a paid call that surely did not run is sent again", async () => {
    const { invoke, calls } = scripted(
      new DrapeError("FUNCTION_BUSY", "busy", { ran: "no" }),
      good,
    );

    expect(await invoke(false)).toEqual(made);
    expect(calls).toHaveLength(2);
  });

  test("a customer's fault is not tried again and leaves the circuit closed", async () => {
    const failure = {
      code: "IMAGE_UNREADABLE",
      message: "no picture at https://example.com/x",
      ran: "no",
    };
    const { invoke, calls, invoker } = scripted({ ok: false, failure });

    for (let call = 0; call < 12; call += 1) await codeOf(invoke());

    expect(calls).toHaveLength(12);
    expect(invoker.health("ai-image-processor").circuit).toBe("closed");
  });

  test("an answer out of shape is FUNCTION_ANSWER_INVALID", async () => {
    const { invoke } = scripted({ ok: true, result: { key: 5 } });

    expect(await codeOf(invoke())).toBe("FUNCTION_ANSWER_INVALID");
  });

  test("a sick function opens its circuit, which rests, and closes after one good probe", async () => {
    const lines: unknown[] = Array.from({ length: 6 }, () => failed("yes"));
    const { invoke, calls, invoker } = scripted(...lines, good);
    await Promise.all([codeOf(invoke()), codeOf(invoke())]);
    const whileOpen = invoker.health("ai-image-processor").circuit;

    const refused = await codeOf(invoke());
    const callsWhileOpen = calls.length;
    const patient = await invoke(true, 2_000);

    expect([whileOpen, refused, callsWhileOpen]).toEqual(["open", "CIRCUIT_OPEN", 6]);
    expect(patient).toEqual(made);
    expect(invoker.health("ai-image-processor").circuit).toBe("closed");
  });

  test("a probe that never went out leaves the circuit as sick as it was", async () => {
    const { invoke, calls, invoker } = scripted(failed("yes"));
    await Promise.all([codeOf(invoke()), codeOf(invoke())]);
    const lost = new DrapeError("LEASE_LOST", "another worker has the task");
    const beforeCall = () => Promise.reject(lost);
    await until(async () => (await codeOf(invoke(true, 0, { beforeCall }))) === "LEASE_LOST");

    expect(invoker.health("ai-image-processor").circuit).toBe("open");
    expect(calls).toHaveLength(6);
  });

  test("calls that never went out do not open the circuit of a sound function", async () => {
    const { invoke, invoker } = scripted(good);
    const beforeCall = () => Promise.reject(new DrapeError("LEASE_LOST", "another worker has it"));

    for (let call = 0; call < 12; call += 1) await codeOf(invoke(true, 0, { beforeCall }));

    expect(invoker.health("ai-image-processor").circuit).toBe("closed");
    expect(await invoke()).toEqual(made);
  });

  test("an answer that was paid for is given out, though the end of a pause cannot be noted", async () => {
    const { invoke, calls, breakRows } = scripted(good);
    const beforeCall = async () => breakRows();

    expect(await invoke(false, 0, { beforeCall })).toEqual(made);
    expect(calls).toHaveLength(1);
  });

  test("a fault of the operator is told as it is, though the pause cannot be noted", async () => {
    const unpaid = new DrapeError("FUNCTION_UNPAID", "it must be paid for", { ran: "no" });
    const { invoke, breakRows } = scripted(unpaid);
    const beforeCall = async () => breakRows();

    expect(await codeOf(invoke(false, 0, { beforeCall }))).toBe("FUNCTION_UNPAID");
  });

  test("a call holds one of the slots that all processes share, for as long as it runs", async () => {
    const leases = new EmbeddedLeases(systemClock);
    const [name, leaseMs] = ["ai-image-processor" as const, 60_000];
    const { slotsMax } = FUNCTIONS[name];
    const freeSlots = async () => {
      const tokens = Array.from({ length: slotsMax }, (_, nth) => `free-${nth}`);
      const granted = await Promise.all(
        tokens.map((token) => leases.grant({ name, token, leaseMs }, slotsMax)),
      );
      await Promise.all(tokens.map((token) => leases.free({ name, token, leaseMs })));
      return granted.filter(Boolean).length;
    };
    let during = -1;
    const answer = async () => {
      during = await freeSlots();
      return good;
    };
    const { invoke } = scriptedOn(leases, answer);

    await invoke();

    expect([during, await freeSlots()]).toEqual([slotsMax - 1, slotsMax]);
  });

  test("six failures in a row open the circuit, however well it went before", async () => {
    const before = Array.from({ length: 40 }, () => good);
    const { invoker, invoke, calls } = scripted(...before, failed("yes"));
    for (let call = 0; call < before.length; call += 1) await invoke();

    const codes = [await codeOf(invoke()), await codeOf(invoke())];
    const circuit = invoker.health("ai-image-processor").circuit;
    const next = await codeOf(invoke());

    expect([...codes, next]).toEqual(["FUNCTION_FAILED", "FUNCTION_FAILED", "CIRCUIT_OPEN"]);
    expect([circuit, calls.length]).toEqual(["open", before.length + 6]);
  });

  test("a backlog does not rush past a circuit that opened meanwhile", async () => {
    const { invoke, calls } = scripted(failed("yes"));

    await Promise.all(Array.from({ length: 100 }, () => codeOf(invoke())));

    expect(calls.length).toBeLessThan(30);
  });

  test("a paid call is committed when it goes out, not while it waits for a slot", async () => {
    const { promise: answer, resolve } = Promise.withResolvers<unknown>();
    const { invoke, calls } = scripted(answer);
    const committed: string[] = [];
    const busy = Array.from({ length: FUNCTIONS["ai-image-processor"].concurrency }, () =>
      invoke(),
    );
    const beforeCall = async () => void committed.push(`after ${calls.length} calls`);

    const waiting = invoke(false, 0, { beforeCall });
    await systemClock.sleep(10, AbortSignal.timeout(1_000));
    const early = [...committed];
    resolve(good);
    await Promise.all([...busy, waiting]);

    expect([early, committed]).toEqual([[], ["after 8 calls"]]);
  });

  test("a call whose commit fails does not go out", async () => {
    const { invoke, calls } = scripted(good);
    const beforeCall = async () => {
      throw new DrapeError("LEASE_LOST", "another worker has it");
    };

    expect(await codeOf(invoke(false, 0, { beforeCall }))).toBe("LEASE_LOST");
    expect(calls).toEqual([]);
  });

  test("an operator's fault pauses the function: later calls are not sent until a probe works", async () => {
    const missing = new DrapeError("FUNCTION_MISSING", "ai-image-processor is not deployed", {
      ran: "no",
    });
    const { invoke, calls, rows } = scripted(missing, good);

    const first = await codeOf(invoke());
    const second = await codeOf(invoke());
    const pausedCalls = calls.length;
    await systemClock.sleep(settings.pauseProbeMs + 5, AbortSignal.timeout(1_000));
    const probe = await invoke();

    expect([first, second, pausedCalls]).toEqual(["FUNCTION_MISSING", "FUNCTION_PAUSED", 1]);
    expect(probe).toEqual(made);
    expect(rows.get("pause:ai-image-processor")).toBeNull();
  });
});
