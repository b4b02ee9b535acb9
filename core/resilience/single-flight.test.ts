import { describe, expect, test } from "bun:test";
import { EmbeddedLeases } from "../../redis/embedded-leases.ts";
import { LeaseSemaphore } from "../../redis/lease-semaphore.ts";
import { createSingleFlight } from "./single-flight.ts";
import { systemClock } from "../../runtime/system-clock.ts";
import { system } from "../../runtime/system.ts";

const never = new AbortController().signal;

/** Work that is found once it was made, as in a cache, and that the test ends. */
function openWork() {
  const waiting: ((error?: Error) => void)[] = [];
  let kept: string | null = null;
  let made = 0;
  return {
    lookUp: async () => kept,
    make: () => {
      made += 1;
      const mine = `made ${made}`;
      return new Promise<string>((resolve, reject) => {
        waiting.push((error) => {
          if (error !== undefined) return reject(error);
          kept = mine;
          resolve(mine);
        });
      });
    },
    made: () => made,
    /** Ends the one that was begun first, as soon as it was begun. */
    async end(error?: Error) {
      while (waiting.length === 0) await new Promise(setImmediate);
      waiting.shift()?.(error);
    },
  };
}

/** Processes that share their leases. */
function processes(count: number) {
  const leases = new EmbeddedLeases(systemClock);
  return Array.from({ length: count }, () =>
    createSingleFlight<string>({
      semaphore: new LeaseSemaphore(leases, system),
      clock: systemClock,
    }),
  );
}

describe("createSingleFlight", () => {
  test("however many ask at once, one makes it and the others share it", async () => {
    const [flight] = processes(1);
    const work = openWork();

    const calls = Array.from({ length: 100 }, () => flight?.run("key", never, work));
    await work.end();

    const landed = await Promise.all(calls);
    expect(landed.map((one) => one?.value)).toEqual(Array(100).fill("made 1"));
    expect(landed.filter((one) => one?.shared === false)).toHaveLength(1);
    expect(work.made()).toBe(1);
  });

  test("other processes wait for the one that makes it, and find it then", async () => {
    const work = openWork();

    const calls = processes(4).map((flight) => flight.run("key", never, work));
    await work.end();

    const landed = await Promise.all(calls);
    expect(landed.map(({ value }) => value)).toEqual(Array(4).fill("made 1"));
    expect(work.made()).toBe(1);
  });

  test("other keys wait for nobody", async () => {
    const [flight] = processes(1);
    const slow = openWork();
    const quick = openWork();

    void flight?.run("slow", never, slow);
    const flown = flight?.run("quick", never, quick);
    await quick.end();

    expect((await flown)?.value).toBe("made 1");
    await slow.end();
  });

  test("a maker that fails keeps its error to itself, and the next one makes it", async () => {
    const [flight] = processes(1);
    const work = openWork();

    const calls = Array.from({ length: 5 }, () => flight?.run("key", never, work));
    const landing = Promise.allSettled(calls);
    await work.end(new Error("no"));
    await work.end();

    const [first, ...others] = await landing;
    expect(first).toMatchObject({ status: "rejected", reason: { message: "no" } });
    for (const other of others) {
      expect(other).toMatchObject({ status: "fulfilled", value: { value: "made 2" } });
    }
  });

  test("one whose task is stopped waits no longer, and the others are not disturbed", async () => {
    const [flight] = processes(1);
    const work = openWork();
    const stop = new AbortController();

    const maker = flight?.run("key", never, work);
    const stopped = flight?.run("key", stop.signal, work);
    const patient = flight?.run("key", never, work);
    stop.abort(new Error("canceled"));

    await expect(stopped).rejects.toThrow("canceled");
    await work.end();
    expect([(await maker)?.value, (await patient)?.value]).toEqual(["made 1", "made 1"]);
  });

  test("after an answer the next one looks anew", async () => {
    const [flight] = processes(1);
    const work = openWork();
    const first = flight?.run("key", never, work);
    await work.end();
    await first;

    const again = await flight?.run("key", never, { ...work, lookUp: async () => "found" });

    expect(again).toEqual({ value: "found", shared: false });
  });
});
