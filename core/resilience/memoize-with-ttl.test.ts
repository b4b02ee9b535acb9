import { describe, expect, test } from "bun:test";
import { memoizeWithTtl } from "./memoize-with-ttl.ts";

function counted() {
  let nowMs = 0;
  let calls = 0;
  const answers: (() => void)[] = [];
  const ask = memoizeWithTtl(
    () => {
      calls += 1;
      const mine = calls;
      return new Promise<number>((resolve, reject) => {
        answers.push(() => (mine === 2 ? reject(new Error("broken")) : resolve(mine)));
      });
    },
    1_000,
    { monotonicMs: () => nowMs },
  );
  return {
    ask,
    answer: () => answers.shift()?.(),
    calls: () => calls,
    wait: (ms: number) => void (nowMs += ms),
  };
}

describe("memoizeWithTtl", () => {
  test("many who ask at once share one call, and later ones its answer until its life ends", async () => {
    const { ask, answer, calls, wait } = counted();

    const together = Promise.all([ask(), ask(), ask()]);
    answer();
    const first = await together;
    wait(999);
    const kept = await ask();
    wait(1);
    const next = ask();

    expect([first, kept, calls()]).toEqual([[1, 1, 1], 1, 2]);
    answer();
    expect(next).rejects.toThrow("broken");
  });

  test("an error is not kept: who asks next asks anew", async () => {
    const { ask, answer, wait } = counted();
    const first = ask();
    answer();
    await first;
    wait(1_000);
    const failing = ask();
    answer();
    await failing.catch(() => undefined);

    const third = ask();
    answer();

    expect(await third).toBe(3);
  });

  test("what is forgotten is asked for anew, and an answer that was under way is not kept", async () => {
    const { ask, answer, calls } = counted();
    const early = ask();

    ask.forget();
    const late = ask().catch((error: Error) => error.message);
    answer();
    answer();

    expect(await Promise.all([early, late])).toEqual([1, "broken"]);
    expect(calls()).toBe(2);
    const next = ask();
    answer();
    expect(await next).toBe(3);
  });
});
