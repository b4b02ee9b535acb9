import { describe, expect, test } from "bun:test";
import { DrapeError } from "../model/errors.ts";
import { codeOf, failed, good, made, scripted } from "../../tests/scripted-invoker.ts";
import { until } from "../../tests/until.ts";

describe("a function's circuit", () => {
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

  test("a probe that its task gave up leaves the circuit as sick as it was", async () => {
    const hangs = (_: unknown, signal: AbortSignal) =>
      new Promise((_done, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    const six: unknown[] = Array.from({ length: 6 }, () => failed("yes"));
    const { invoke, calls, invoker } = scripted(...six, hangs);
    await Promise.all([codeOf(invoke()), codeOf(invoke())]);

    await until(async () => {
      const given = new AbortController();
      const probe = codeOf(invoke(true, 0, { signal: given.signal }));
      await Promise.race([probe, until(async () => calls.length > 6)]);
      given.abort(new DrapeError("LEASE_LOST", "the task was canceled"));
      return (await probe) === "LEASE_LOST";
    });

    expect(invoker.health("ai-image-processor").circuit).toBe("open");
    expect(calls).toHaveLength(7);
  });

  test("what never went out does not hide that all that goes out fails", async () => {
    const { invoke, calls, invoker } = scripted(failed("unknown"));
    const beforeCall = () => Promise.reject(new DrapeError("LEASE_LOST", "another worker has it"));

    for (let call = 0; call < 6; call += 1) {
      await codeOf(invoke(false));
      for (let unsent = 0; unsent < 3; unsent += 1) {
        await codeOf(invoke(false, 0, { beforeCall }));
      }
    }

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
});
