import { describe, expect, test } from "bun:test";
import { DrapeError } from "../model/errors.ts";
import { backoffMs, retry, type RetryPolicy } from "./retry.ts";

const always = { runsMax: 4, baseMs: 10, isWorthIt: () => true };

/** Work that fails with these errors, one after the other, on a clock that its waits move. */
function failing(...errors: readonly Error[]) {
  const waits: number[] = [];
  let [nowMs, runs] = [0, 0];
  const clock = {
    monotonicMs: () => nowMs,
    async sleep(ms: number, signal: AbortSignal) {
      signal.throwIfAborted();
      waits.push(ms);
      nowMs += ms;
    },
  };
  const work = async () => {
    const error = errors[runs];
    runs += 1;
    if (error !== undefined) throw error;
    return runs;
  };
  const run = (policy: Partial<RetryPolicy> = {}) =>
    retry({ clock, random: { fraction: () => 0.5 } }, { ...always, ...policy }, work);
  return { run, waits, runs: () => runs };
}

describe("retry", () => {
  test("work that fails runs again after waits that double, and gives what it gives", async () => {
    const { run, waits } = failing(new Error("1"), new Error("2"), new Error("3"));

    const answer = await run();

    expect(answer).toBe(4);
    expect(waits).toEqual([10, 20, 40]);
  });

  test("the last failure is thrown when the runs are used up", async () => {
    const { run, runs } = failing(new Error("1"), new Error("2"), new Error("3"));

    await expect(run({ runsMax: 2 })).rejects.toThrow("2");
    expect(runs()).toBe(2);
  });

  test("a failure that is not worth it is thrown at once", async () => {
    const { run, waits } = failing(new Error("for good"));

    await expect(run({ isWorthIt: () => false })).rejects.toThrow("for good");
    expect(waits).toEqual([]);
  });

  test("what the policy throws takes the failure's place", async () => {
    const { run } = failing(new Error("hidden"));
    const isWorthIt = () => Promise.reject(new Error("told"));

    await expect(run({ isWorthIt })).rejects.toThrow("told");
  });

  test("no wait is shorter than the other side asked for", async () => {
    const busy = new DrapeError("UNAVAILABLE", "busy", { retryAfterMs: 700 });
    const { run, waits } = failing(busy);

    await run();

    expect(waits).toEqual([700]);
  });

  test("no run begins after the limit", async () => {
    const { run, runs } = failing(new Error("1"), new Error("2"), new Error("3"));

    await expect(run({ limitMs: 15 })).rejects.toThrow("3");
    expect(runs()).toBe(3);
  });

  test("an aborted signal ends the wait with its reason", async () => {
    const { run, runs } = failing(new Error("1"));

    await expect(run({ signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
    expect(runs()).toBe(1);
  });

  test("each further run is told, with what made it necessary", async () => {
    const reported: string[] = [];
    const { run } = failing(new Error("a"), new Error("b"));

    await run({ onAgain: (error, nth) => reported.push(`${nth} ${String(error)}`) });

    expect(reported).toEqual(["2 Error: a", "3 Error: b"]);
  });
});

test("of a wait nothing is certain but the share that is named", () => {
  const least = { fraction: () => 0 };

  expect(backoffMs(least, { baseMs: 100, run: 3 })).toBe(0);
  expect(backoffMs(least, { baseMs: 100, run: 3, certainShare: 0.5 })).toBe(400);
});
