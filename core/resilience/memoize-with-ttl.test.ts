import { describe, expect, test } from "bun:test";
import { memoizeWithTtl } from "./memoize-with-ttl.ts";

function counted() {
  let nowMs = 0;
  let calls = 0;
  const answers: (() => void)[] = [];
  const read = memoizeWithTtl(
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
    read,
    answer: () => answers.shift()?.(),
    calls: () => calls,
    wait: (ms: number) => void (nowMs += ms),
  };
}

describe("memoizeWithTtl", () => {
  test("many who ask at once share one call, and later ones its answer until its life ends", async () => {
    const { read, answer, calls, wait } = counted();

    const together = Promise.all([read(), read(), read()]);
    answer();
    const first = await together;
    wait(999);
    const kept = await read();
    wait(1);
    const next = read();

    expect([first, kept, calls()]).toEqual([[1, 1, 1], 1, 2]);
    answer();
    expect(next).rejects.toThrow("broken");
  });

  test("an error is not kept: who asks next asks anew", async () => {
    const { read, answer, wait } = counted();
    const first = read();
    answer();
    await first;
    wait(1_000);
    const failing = read();
    answer();
    await failing.catch(() => undefined);

    const third = read();
    answer();

    expect(await third).toBe(3);
  });

  test("what is forgotten is asked for anew, and an answer that was under way is not kept", async () => {
    const { read, answer, calls } = counted();
    const early = read();

    read.forget();
    const late = read().catch((error: Error) => error.message);
    answer();
    answer();

    expect(await Promise.all([early, late])).toEqual([1, "broken"]);
    expect(calls()).toBe(2);
    const next = read();
    answer();
    expect(await next).toBe(3);
  });
});
