import { describe, expect, test } from "bun:test";
import { DrapeError } from "./errors.ts";
import type { FunctionName } from "./functions.ts";
import { BATCH_LIMITS, invokeBatch } from "./invoke-batch.ts";
import type { ResilientInvoker } from "./resilient-invoker.ts";

type Batch = Parameters<typeof invokeBatch<"prompt-generator">>;
type Event = Batch[2][number];
const word = { id: "x", en: "x", zh: "x" };
const eventsOf = (count: number): Event[] =>
  Array.from({ length: count }, (_, at) => ({
    images: ["a.jpg"],
    to: `prompts/${at}`,
    scene: word,
    style: word,
  }));

/** Calls that end when the test says so, in its order. */
function openInvoker() {
  const underWay = new Map<string, (error?: Error) => void>();
  let most = 0;
  let begun = 0;
  const invoke = (_name: FunctionName, event: { to?: string }, { signal }: Batch[3]) =>
    new Promise((resolve, reject) => {
      const to = event.to ?? "";
      const end = (error?: Error) => {
        if (!underWay.delete(to)) return;
        if (error === undefined) resolve({ to });
        else reject(error);
      };
      signal.addEventListener("abort", () => end(signal.reason), { once: true });
      underWay.set(to, end);
      begun += 1;
      most = Math.max(most, underWay.size);
    });
  return {
    invoker: { invoke } as unknown as Pick<ResilientInvoker, "invoke">, // answers what the test needs
    most: () => most,
    begun: () => begun,
    end: (at: number, error?: Error) => underWay.get(`prompts/${at}`)?.(error),
    /** Ends all that is under way until nothing begins any more, the newest first. */
    async endAll() {
      while (underWay.size > 0) {
        for (const end of [...underWay.values()].toReversed()) end();
        await new Promise(setImmediate);
      }
    },
  };
}
const call = (invoker: Batch[0], events: Event[], more: Partial<Batch[3]> = {}) =>
  invokeBatch(invoker, "prompt-generator", events, {
    signal: new AbortController().signal,
    repeatable: true,
    circuitPatienceMs: 0,
    ...more,
  });
const turn = () => new Promise(setImmediate);

describe("invokeBatch", () => {
  test("gives the outcomes in the order of the events, whichever ends first", async () => {
    const { invoker, endAll } = openInvoker();

    const batch = call(invoker, eventsOf(9), { concurrency: 3 });
    await turn();
    await endAll();

    const results = (await batch).map((outcome) => (outcome.ok ? outcome.result : null));
    expect(results).toEqual(eventsOf(9).map(({ to }) => ({ to })) as never);
  });

  test("never has more calls in flight than it may", async () => {
    const { invoker, endAll, most, begun } = openInvoker();

    const batch = call(invoker, eventsOf(40), { concurrency: 5 });
    await turn();
    await endAll();
    await batch;

    expect([most(), begun()]).toEqual([5, 40]);
  });

  test("one that fails leaves the others alone", async () => {
    const { invoker, end, endAll } = openInvoker();
    const busy = new DrapeError("PROVIDER_BUSY", "busy");

    const batch = call(invoker, eventsOf(3));
    await turn();
    end(1, busy);
    await endAll();

    const outcomes = await batch;
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(outcomes[1]).toEqual({ ok: false, error: busy });
  });

  test("what is no error of ours is told as INTERNAL", async () => {
    const { invoker, end } = openInvoker();

    const batch = call(invoker, eventsOf(1));
    await turn();
    end(0, new TypeError("x"));

    expect((await batch)[0]).toMatchObject({ ok: false, error: { code: "INTERNAL" } });
  });

  test("after an abort nothing is begun any more, and what had ended stays as it is", async () => {
    const { invoker, end, begun } = openInvoker();
    const stop = new AbortController();

    const batch = call(invoker, eventsOf(6), { concurrency: 2, signal: stop.signal });
    await turn();
    end(0);
    await turn();
    stop.abort(new DrapeError("TASK_CANCELED", "canceled"));

    const outcomes = await batch;
    expect(begun()).toBe(3);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, false, false, false, false]);
    expect(outcomes.at(-1)).toMatchObject({ error: { code: "TASK_CANCELED", ran: "no" } });
  });

  test("a batch without events is done at once, one above the limit is refused", async () => {
    const { invoker } = openInvoker();

    const none = await call(invoker, []);
    const tooMany = call(invoker, eventsOf(BATCH_LIMITS.eventsMax + 1));

    expect(none).toEqual([]);
    await expect(tooMany).rejects.toBeInstanceOf(RangeError);
    await expect(call(invoker, [], { concurrency: 0 })).rejects.toBeInstanceOf(RangeError);
  });
});
