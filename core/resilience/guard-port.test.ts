import { describe, expect, test } from "bun:test";
import { until } from "../../tests/until.ts";
import { DrapeError } from "../model/errors.ts";
import { guardPort } from "./guard-port.ts";
import { createPortCircuit } from "./circuit.ts";
import { silentLog } from "../../tests/silent-log.ts";

const RESET_MS = 30;
const away = new DrapeError("UNAVAILABLE", "the database cannot be used right now");
const wrong = new DrapeError("VALIDATION_FAILED", "that is not a picture");

/** A port that does as it is told; private fields, so that it must be called as itself. */
class ScriptedPort {
  #mood: unknown = "well";
  #calls = 0;

  become(mood: unknown): void {
    this.#mood = mood;
  }
  calls(): number {
    return this.#calls;
  }
  async read(key: string): Promise<string | null> {
    this.#calls += 1;
    if (this.#mood === "hangs") return new Promise(() => undefined);
    if (this.#mood !== "well") throw this.#mood;
    return key === "nothing" ? null : `value of ${key}`;
  }
  async ping(): Promise<void> {
    if (this.#mood !== "well") throw this.#mood;
  }
}

function guarded() {
  const port = new ScriptedPort();
  const circuit = createPortCircuit({ name: "shelf", log: silentLog, resetMs: RESET_MS });
  const guard = guardPort(circuit, port, { become: "script", calls: "script", ping: "probe" });
  const fail = async (times: number) => {
    for (let count = 0; count < times; count += 1) await codeOf(guard.read("x"));
  };
  return { port, circuit, guard, fail };
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "none",
    (error: unknown) => (error instanceof DrapeError ? error.code : String(error)),
  );

describe("a guarded port", () => {
  test("gives results and errors as the port does", async () => {
    const { port, guard } = guarded();

    const found = await guard.read("a");
    const nothing = await guard.read("nothing");
    port.become(wrong);
    const error: unknown = await guard.read("a").catch((thrown: unknown) => thrown);

    expect([found, nothing, error]).toEqual(["value of a", null, wrong]);
    expect(guard.calls()).toBe(3);
  });

  test("opens after five failures in a row, and then answers at once without asking", async () => {
    const { port, circuit, guard, fail } = guarded();
    port.become(away);
    await fail(4);
    const before = circuit.state();
    await fail(1);

    port.become("hangs");
    const error: unknown = await guard.read("x").catch((thrown: unknown) => thrown);

    expect([before, circuit.state(), port.calls()]).toEqual(["closed", "open", 5]);
    expect(error).toMatchObject({ code: "UNAVAILABLE", ran: "no", retryAfterMs: RESET_MS });
    expect(String(error)).toContain("shelf");
  });

  test("a success between them starts the count anew, as long as less than half fails", async () => {
    const { port, circuit, guard, fail } = guarded();

    for (let round = 0; round < 4; round += 1) {
      port.become("well");
      for (let count = 0; count < 5; count += 1) await guard.read("x");
      port.become(away);
      await fail(4);
    }
    const below = circuit.state();
    await fail(1);

    expect([below, circuit.state()]).toEqual(["closed", "open"]);
  });

  test("after its rest one call looks whether the port is well, and its success closes the circuit", async () => {
    const { port, circuit, guard, fail } = guarded();
    port.become(away);
    await fail(5);
    port.become("well");
    await until(async () => circuit.state() === "half-open");

    const values = await Promise.all([guard.read("a"), codeOf(guard.read("b"))]);

    expect(values).toEqual(["value of a", "UNAVAILABLE"]);
    expect([circuit.state(), await guard.read("c")]).toEqual(["closed", "value of c"]);
  });

  test("a look that fails opens it again", async () => {
    const { port, circuit, fail } = guarded();
    port.become(away);
    await fail(5);
    await until(async () => circuit.state() === "half-open");

    await fail(1);

    expect([circuit.state(), port.calls()]).toEqual(["open", 6]);
  });

  test("what a client does wrong never counts, an unknown error of ours neither", async () => {
    const { port, circuit, fail } = guarded();

    port.become(wrong);
    await fail(30);
    port.become(new TypeError("a mistake of ours"));
    await fail(30);

    expect([circuit.state(), port.calls()]).toEqual(["closed", 60]);
  });

  test("a timeout counts as a failure", async () => {
    const { port, circuit, fail } = guarded();
    port.become(new DOMException("no answer in time", "TimeoutError"));

    await fail(5);

    expect(circuit.state()).toBe("open");
  });

  test("what is named as bypass goes past the open circuit and does not count", async () => {
    const { port, circuit, guard, fail } = guarded();
    port.become(away);
    for (let count = 0; count < 20; count += 1) await codeOf(guard.ping());
    const untouched = circuit.state();
    await fail(5);
    port.become("well");

    await guard.ping();

    expect([untouched, circuit.state()]).toEqual(["closed", "open"]);
  });

  test("what memory may answer counts when it fails, and proves nothing when it does not", async () => {
    const { port, circuit, fail } = guarded();
    port.become(away);
    await fail(4);
    await circuit.runFromMemory(async () => "remembered");
    await codeOf(circuit.runFromMemory(() => Promise.reject(away)));
    const state = circuit.state();
    const refused = await codeOf(circuit.runFromMemory(async () => "remembered"));

    await until(async () => circuit.state() === "half-open");
    await circuit.runFromMemory(async () => "remembered");

    expect([state, refused, circuit.state()]).toEqual(["open", "UNAVAILABLE", "half-open"]);
  });
});
