import { describe, expect, test } from "bun:test";
import type { QueueStore } from "../ports/queue-store.ts";
import { createQueueLimits } from "./admission-control.ts";
import { systemClock } from "../../runtime/system-clock.ts";
import { changeSettings, DEFAULT_TASK_SETTINGS } from "../model/task-settings.ts";

const LIMITS = { queueLimit: 1_000, customerQueueLimit: 100, outageQueueLimit: 50 };

/** Limits on a queue whose length is said, whose counts are counted, and whose clock is moved by hand. */
function openLimits(change: Partial<typeof LIMITS> = {}) {
  const state = { queued: 0, live: 0, redisAway: false, nowMs: 0, counts: 0 };
  const counting: Pick<QueueStore, "countQueued" | "countLive"> = {
    async countQueued(max) {
      state.counts += 1;
      return Math.min(max, state.queued);
    },
    countLive: async (_, max) => Math.min(max, state.live),
  };
  const limits = createQueueLimits(
    {
      store: { queue: counting as QueueStore }, // it asks for counts alone
      clock: { ...systemClock, monotonicMs: () => state.nowMs },
      settings: changeSettings(DEFAULT_TASK_SETTINGS, { limits: { ...LIMITS, ...change } }),
    },
    () => state.redisAway,
  );
  const admit = async (times: number, userId?: string) => {
    const answers: string[] = [];
    for (let nth = 0; nth < times; nth += 1) {
      // Every task is another customer's unless one is named.
      const refused = (error: unknown) => (error as { code: string }).code;
      const entered = limits.admit(userId ?? `usr_${nth}`).then((leave) => {
        leave(true);
        return "in";
      });
      answers.push(await entered.catch(refused));
    }
    return answers;
  };
  return { state, limits, admit };
}

const inOf = (answers: readonly string[]) => answers.filter((answer) => answer === "in").length;

describe("the limits of the queue", () => {
  test("what is beyond the limit is refused, and accepted again when the queue has become shorter", async () => {
    const { state, admit } = openLimits();
    state.queued = 990;

    const first = await admit(150);
    state.queued = 1_000;
    state.nowMs += 1_000;
    const full = await admit(3);
    state.queued = 400;
    state.nowMs += 1_000;
    const later = await admit(3);

    // The count comes after a tenth of the room that was believed: that is the slack, once.
    expect(inOf(first)).toBeLessThanOrEqual(100 + 10);
    expect(first.at(-1)).toBe("QUEUE_FULL");
    expect(full).toEqual(["QUEUE_FULL", "QUEUE_FULL", "QUEUE_FULL"]);
    expect(later).toEqual(["in", "in", "in"]);
  });

  test("an idle queue is counted once for a tenth of its room, and a full one ten times a second at most", async () => {
    const { state, admit } = openLimits();

    await admit(99);
    const before = state.counts;
    state.queued = 1_000;
    await admit(500);

    expect([before, state.counts]).toEqual([0, 1]);
  });

  test("while Redis is away the lower limit holds", async () => {
    const { state, admit } = openLimits();
    state.queued = 50;

    const admitted = await admit(1);
    state.redisAway = true;
    state.nowMs += 1_000;
    const away = await admit(10);

    expect(admitted).toEqual(["in"]);
    expect(away.at(-1)).toBe("QUEUE_FULL");
    expect(inOf(away)).toBeLessThan(5);
  });

  test("a customer's own limit is told with its number and leaves the others alone", async () => {
    const { state, limits, admit } = openLimits({ customerQueueLimit: 5 });
    state.live = 3;

    const mine = await admit(5, "usr_mine");
    state.live = 0;
    const others = await admit(5, "usr_other");
    const refusal = await limits.admit("usr_mine").catch((error: unknown) => error);

    expect(mine).toEqual(["in", "in", "TOO_MANY_TASKS", "TOO_MANY_TASKS", "TOO_MANY_TASKS"]);
    expect(inOf(others)).toBe(5);
    expect(refusal).toMatchObject({ code: "TOO_MANY_TASKS", details: { limit: 5 } });
  });

  test("a create that comes to nothing gives its place back", async () => {
    const { state, limits, admit } = openLimits({ customerQueueLimit: 1 });
    state.live = 0;

    const leave = await limits.admit("usr_a");
    const second = await admit(1, "usr_a");
    leave(false);
    const third = await admit(1, "usr_a");

    expect([second, third]).toEqual([["TOO_MANY_TASKS"], ["in"]]);
  });
});
