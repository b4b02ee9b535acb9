import { describe, expect, test } from "bun:test";
import { EmbeddedProcessRegistry } from "../../redis/embedded-process-registry.ts";
import { systemClock } from "../../runtime/system-clock.ts";
import type { FunctionHealth } from "../invocation/function-client.ts";
import type { FunctionPauses, NotedPause } from "../invocation/function-pauses.ts";
import { publishFunctionHealth } from "../invocation/function-health.ts";
import type { ResilientInvoker } from "../invocation/resilient-invoker.ts";
import { eachFunction, type FunctionName } from "../model/functions.ts";
import { TASK_TYPES } from "../model/task.ts";
import type { QueueStore } from "../ports/queue-store.ts";
import type { TaskQueue } from "../ports/task-queue.ts";
import { createQueueBlocks } from "./queue-blocks.ts";
import { publishWorkerConcurrency } from "./worker-concurrency.ts";

const healthy: FunctionHealth = {
  circuit: "closed",
  lastError: null,
  lastLatencyMs: 20,
  rateWaitMs: 0,
};

/** A queue and one worker that finds the functions as it is said, by a clock that is moved by hand. */
function openQueue() {
  const state = { nowMs: 1_000, isPaused: false, isAway: false, paused: "" };
  const clock = { ...systemClock, nowMs: () => state.nowMs, monotonicMs: () => state.nowMs };
  const registry = new EmbeddedProcessRegistry(clock);
  const queueStore: Pick<QueueStore, "findPause"> = {
    findPause: async () => (state.isPaused ? { reason: "x", actor: "y", sinceMs: 1 } : null),
  };
  const queue: Pick<TaskQueue, "waiting"> = {
    waiting: async () => {
      if (state.isAway) throw new Error("Redis is away");
      return 1;
    },
  };
  const pauses: Pick<FunctionPauses, "findAll"> = {
    findAll: async () =>
      eachFunction((name): NotedPause | null =>
        name === state.paused ? { code: "X", sinceMs: 1 } : null,
      ),
  };
  // It looks at nothing else of the three.
  const blocks = createQueueBlocks({
    store: { queue: queueStore as QueueStore },
    queue: queue as TaskQueue,
    functionPauses: pauses as FunctionPauses,
    registry,
    clock,
  });
  return {
    state,
    async work(sick: FunctionName | null = null, health: Partial<FunctionHealth> = {}) {
      await publishWorkerConcurrency({ registry, clock }, "wkr_a", 8);
      const invoker: Pick<ResilientInvoker, "health"> = {
        health: (name) => (name === sick ? { ...healthy, ...health } : healthy),
      };
      await publishFunctionHealth({ registry, invoker: invoker as ResilientInvoker }, "wkr_a");
    },
    async find() {
      const found = await Promise.all(TASK_TYPES.map((type) => blocks.find(type)));
      return Object.fromEntries(
        TASK_TYPES.map((type, nth): [string, string | null] => [type, found[nth] ?? null]),
      );
    },
  };
}

const all = (reason: string | null): Record<string, string | null> =>
  Object.fromEntries(TASK_TYPES.map((type) => [type, reason]));

describe("what keeps tasks from going on", () => {
  test("is nothing while a worker runs and all is well", async () => {
    const { work, find } = openQueue();
    await work();

    expect(await find()).toEqual(all(null));
  });

  test("is the pause of the queue, whoever works", async () => {
    const { state, work, find } = openQueue();
    await work();
    state.isPaused = true;

    expect(await find()).toEqual(all("paused"));
  });

  test("is that no worker was heard for 25 s, or that nobody can be heard", async () => {
    const { state, work, find } = openQueue();
    await work();
    state.nowMs += 24_000;
    const heard = await find();
    state.nowMs += 2_000;
    const gone = await find();
    state.nowMs += 2_000;
    state.isAway = true;
    const away = await find();

    expect([heard, gone, away]).toEqual([all(null), all("no-worker"), all("queue-away")]);
  });

  test.each([
    ["ai-image-processor", ["FULL_GENERATION", "PREPROCESS_ONLY", "PROMPT_ONLY"]],
    ["prompt-generator", ["FULL_GENERATION", "PROMPT_ONLY"]],
    ["image-generator", ["FULL_GENERATION", "GENERATE_ONLY"]],
  ] as const)("is a paused %s for the types that call it", async (name, types) => {
    const { state, work, find } = openQueue();
    await work();
    state.paused = name;

    expect(await find()).toEqual({
      ...all(null),
      ...Object.fromEntries(types.map((type) => [type, "function-paused"])),
    });
  });

  test.each([
    ["circuit-open", { circuit: "open" }],
    ["provider-limit", { rateWaitMs: 5_001 }],
  ] as const)("is %s for the types that cannot do without the function", async (reason, health) => {
    const { work, find, state } = openQueue();
    await work("image-generator", health);
    const images = await find();
    state.nowMs += 2_000;
    await work("prompt-generator", health);
    const prompts = await find();

    const blocked = (...types: string[]) => ({
      ...all(null),
      ...Object.fromEntries(types.map((type) => [type, reason])),
    });
    expect(images).toEqual(blocked("FULL_GENERATION", "GENERATE_ONLY"));
    // A full generation takes a template instead of the prompt.
    expect(prompts).toEqual(blocked("PROMPT_ONLY"));
  });

  test("is not a wait for the provider's rate as short as a burst's", async () => {
    const { work, find } = openQueue();
    await work("image-generator", { rateWaitMs: 5_000 });

    expect(await find()).toEqual(all(null));
  });
});
