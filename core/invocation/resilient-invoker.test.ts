import { describe, expect, test } from "bun:test";
import {
  codeOf,
  failed,
  good,
  made,
  scripted,
  scriptedOn,
  settings,
} from "../../tests/scripted-invoker.ts";
import { DrapeError } from "../model/errors.ts";
import { EmbeddedLeases } from "../../redis/embedded-leases.ts";
import { systemClock } from "../../runtime/system-clock.ts";
import { FUNCTIONS } from "../model/functions.ts";

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

  test("a call holds one of the permits that all processes share, for as long as it runs", async () => {
    const leases = new EmbeddedLeases(systemClock);
    const [name, leaseMs] = ["ai-image-processor" as const, 60_000];
    const { permitsMax } = FUNCTIONS[name];
    const freePermits = async () => {
      const tokens = Array.from({ length: permitsMax }, (_, nth) => `free-${nth}`);
      const granted = await Promise.all(
        tokens.map((token) => leases.grant({ name, token, leaseMs }, permitsMax)),
      );
      await Promise.all(tokens.map((token) => leases.free({ name, token, leaseMs })));
      return granted.filter(Boolean).length;
    };
    let during = -1;
    const answer = async () => {
      during = await freePermits();
      return good;
    };
    const { invoke } = scriptedOn(leases, answer);

    await invoke();

    expect([during, await freePermits()]).toEqual([permitsMax - 1, permitsMax]);
  });

  test("a backlog does not rush past a circuit that opened meanwhile", async () => {
    const { invoke, calls } = scripted(failed("yes"));

    await Promise.all(Array.from({ length: 100 }, () => codeOf(invoke())));

    expect(calls.length).toBeLessThan(30);
  });

  test("a paid call is committed when it goes out, not while it waits for a permit", async () => {
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
    await systemClock.sleep(settings.circuits.pauseProbeMs + 5, AbortSignal.timeout(1_000));
    const probe = await invoke();

    expect([first, second, pausedCalls]).toEqual(["FUNCTION_MISSING", "FUNCTION_PAUSED", 1]);
    expect(probe).toEqual(made);
    expect(rows.get("pause:ai-image-processor")).toBeNull();
  });
});
