import { describe, expect, test } from "bun:test";
import { EmbeddedProcessRegistry } from "../../redis/embedded-process-registry.ts";
import type { QueueStore, QueueView } from "../ports/queue-store.ts";
import type { EndedTask, StatsStore } from "../ports/stats-store.ts";
import type { QueueBlock, QueueBlocks } from "./queue-blocks.ts";
import { createQueuePositions } from "./queue-position.ts";
import { systemClock } from "../../runtime/system-clock.ts";
import { DEFAULT_TASK_SETTINGS } from "../model/task-settings.ts";
import type { Task } from "../model/task.ts";
import { publishWorkerConcurrency } from "./worker-concurrency.ts";

/** Positions in a queue that is said, with a clock that is moved by hand. */
function openPositions(view: Partial<QueueView>, ends: readonly EndedTask[] = []) {
  const state = { nowMs: 0, views: 0, keys: 0, ends: 0, blockedBy: null as QueueBlock | null };
  const seen = { head: [], depth: 0, running: 0, headKey: 0, lastKey: 0, ...view };
  const queue: Pick<QueueStore, "view" | "keysOf"> = {
    async view() {
      state.views += 1;
      return seen;
    },
    async keysOf(ids) {
      state.keys += 1;
      return new Map(ids.map((id) => [id, Number(id.split("_")[1])]));
    },
  };
  const stats: Pick<StatsStore, "recentEnds"> = {
    async recentEnds() {
      state.ends += 1;
      return ends;
    },
  };
  const clock = { ...systemClock, nowMs: () => state.nowMs, monotonicMs: () => state.nowMs };
  const registry = new EmbeddedProcessRegistry(clock);
  const settings = DEFAULT_TASK_SETTINGS;
  // It looks at nothing else of the two parts.
  const store = { queue: queue as QueueStore, stats: stats as StatsStore };
  const blocks: QueueBlocks = { find: async () => state.blockedBy };
  const positions = createQueuePositions({ store, registry, clock, settings, blocks });
  return { state, registry, positions };
}

function task(id: string, facts: Partial<Task> = {}): Task {
  const waiting = {
    status: "queued",
    type: "FULL_GENERATION",
    availableAtMs: 0,
    startedAtMs: null,
  };
  return { ...waiting, ...facts, id } as Partial<Task> as Task; // what positions look at
}

/** A task that delivered all, and waited for five seconds before it ran. */
function run(runMs: number, facts: Partial<EndedTask> = {}): EndedTask {
  const times = { createdAtMs: 0, startedAtMs: 5_000, finishedAtMs: 5_000 + runMs };
  return { type: "FULL_GENERATION", status: "succeeded", ...times, ...facts };
}

const head = (count: number) => Array.from({ length: count }, (_, nth) => `task_${nth}`);

describe("a task's place in the queue", () => {
  test("is exact in the head, and none for a task that runs or has ended", async () => {
    const { positions } = openPositions({ head: head(3), depth: 3 });

    const found = await positions.find([
      task("task_2"),
      task("task_0"),
      task("task_x", { status: "running" }),
    ]);

    expect([...found].map(([id, { position }]) => [id, position])).toEqual([
      ["task_2", 2],
      ["task_0", 0],
    ]);
  });

  test("is estimated behind the head by where its key lies between the last of the head and the last of all", async () => {
    const view = { head: head(1_000), depth: 9_001, headKey: 10_000, lastKey: 20_000 };
    const { positions } = openPositions(view);

    const keys = [10_001, 15_000, 20_000];
    const found = await positions.find(keys.map((key) => task(`waits_${key}`)));

    expect([...found.values()].map(({ position }) => position)).toEqual([1_001, 5_000, 9_000]);
  });

  test("is looked up once a second, however many ask; a younger task is worth another look", async () => {
    const { state, positions } = openPositions({ head: head(50), depth: 50 });
    const findOne = (id: string) => positions.find([task(id)]);

    await Promise.all(Array.from({ length: 40 }, (_, nth) => findOne(`task_${nth}`)));
    state.nowMs = 99;
    await findOne("task_new");
    const once = state.views;
    state.nowMs = 100;
    await findOne("task_new");
    const twice = state.views;
    state.nowMs = 1_099;
    await findOne("task_1");
    state.nowMs = 1_100;
    await findOne("task_1");

    expect([once, twice, state.views, state.keys]).toEqual([1, 2, 3, 0]);
  });
});

describe("the time that a task is promised", () => {
  const runs = [1_000, 1_000, 1_000, 1_000, 2_000].map((runMs) => run(runMs));

  test("is its own run while a slot is free, and its turn on top when none is", async () => {
    const { registry, positions } = openPositions({ head: head(41), depth: 41, running: 4 }, runs);
    await publishWorkerConcurrency({ registry, clock: systemClock }, "wkr_a", 2);
    await publishWorkerConcurrency({ registry, clock: systemClock }, "wkr_b", 2);
    await positions.find([task("task_0")]);

    const found = await positions.find([task("task_0"), task("task_39")]);
    const free = openPositions({ head: head(3), depth: 3, running: 2 }, runs);
    const soon = await free.positions.find([task("task_2")]);

    // 1.2 s a run on 4 slots: 0.3 s for each one before it and for itself.
    expect(found.get("task_0")?.etaSeconds).toEqual({ p50: 1.3, p90: 2.5 });
    expect(found.get("task_39")?.etaSeconds).toEqual({ p50: 13, p90: 20 });
    expect(soon.get("task_2")?.etaSeconds).toEqual({ p50: 1, p90: 2 });
  });

  test("is learned from what its own type delivered, by one look at all that ended", async () => {
    const others = [
      ...[90_000, 90_000, 90_000].map((runMs) => run(runMs, { type: "PREPROCESS_ONLY" })),
      run(60_000, { status: "failed" }),
      run(60_000, { status: "canceled" }),
      run(3_000, { status: "partial" }),
    ];
    const { state, positions } = openPositions({}, [...runs, ...others]);

    const full = await positions.expectNew("FULL_GENERATION");
    const photos = await positions.expectNew("PREPROCESS_ONLY");

    expect(full.etaSeconds).toEqual({ p50: 1, p90: 3 });
    expect(photos.etaSeconds).toEqual({ p50: 90, p90: 90 });
    expect(state.ends).toBe(1);
  });

  test("is a guess by its type when nothing has ended lately", async () => {
    const { positions } = openPositions({ head: head(1), depth: 1 });

    const found = await positions.find([task("task_0")]);

    expect(found.get("task_0")?.etaSeconds).toEqual({ p50: 30, p90: 90 });
  });

  test("is none while something keeps the tasks of its type from going on, which is named", async () => {
    const { state, positions } = openPositions({ head: head(3), depth: 3 }, runs);
    state.blockedBy = "no-worker";

    const found = await positions.find([task("task_2")]);
    const quoted = await positions.expectNew("FULL_GENERATION");

    expect(found.get("task_2")).toEqual({
      position: 2,
      etaSeconds: null,
      blockedBy: "no-worker",
    });
    expect(quoted).toEqual({ etaSeconds: null, blockedBy: "no-worker" });
  });

  test("counts from when a task may be tried again", async () => {
    const { positions } = openPositions({ head: head(1), depth: 1 }, runs);

    const found = await positions.find([task("task_0", { availableAtMs: 5_000 })]);

    expect(found.get("task_0")?.etaSeconds).toEqual({ p50: 6, p90: 9.5 });
  });

  test("says when to ask again: about five times on the way, from every 2 s to every 30 s", async () => {
    const { state, positions } = openPositions({}, [run(20_000), run(20_000), run(20_000)]);
    const first = { position: 0, blockedBy: null };
    const waits = (p50: number) => ({ ...first, etaSeconds: { p50, p90: p50 } });
    const running = task("task_0", { status: "running", startedAtMs: 0 });
    const blocked = { ...first, etaSeconds: null, blockedBy: "paused" } as const;
    state.nowMs = 5_000;

    const answers = [
      await positions.pollAgainMs(task("task_0"), waits(1)),
      await positions.pollAgainMs(task("task_0"), waits(50)),
      await positions.pollAgainMs(task("task_0"), waits(900)),
      await positions.pollAgainMs(running, undefined),
      await positions.pollAgainMs(task("task_0"), blocked),
    ];

    expect(answers).toEqual([2_000, 10_000, 30_000, 3_000, 10_000]);
  });
});
