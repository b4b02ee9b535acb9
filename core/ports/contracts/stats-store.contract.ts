import { expect, test } from "bun:test";
import type { Store } from "../store.ts";
import {
  createOne,
  createPrompt,
  endAll,
  finish,
  imageDone,
  LEASE_MS,
  newCustomer,
  type StoreSubject,
} from "./store.fixture.ts";

const LATELY_MS = 30_000;

/** What an operator sees. */
export function statsStoreContract(subject: () => StoreSubject): void {
  test("live tasks are tallied by type and state, with the oldest that waits", async () => {
    const { store } = subject();
    await clear(store);
    const before = await runningOf(store);
    const userId = await newCustomer(store, 1_000);
    const running = await createOne(store, { userId, held: 10 });
    await store.tasks.claim(running, "wkr_a", LEASE_MS);
    const first = await store.tasks.find(await createOne(store, { userId, held: 10 }));
    await createPrompt(store, userId);
    await createPrompt(store, userId);

    const all = await store.stats.countByState(1_000);
    const some = await store.stats.countByState(2);

    expect(all.tallies).toEqual([
      { type: "FULL_GENERATION", status: "queued", count: 1 },
      { type: "PROMPT_ONLY", status: "queued", count: 2 },
      { type: "FULL_GENERATION", status: "running", count: before + 1 },
    ]);
    expect([all.complete, all.oldestWaitingAtMs]).toEqual([true, first?.createdAtMs ?? 0]);
    const waiting = some.tallies.filter(({ status }) => status === "queued");
    expect(waiting.reduce((sum, { count }) => sum + count, 0)).toBe(2);
    expect(some.complete).toBe(false);
    await endAll(store, [running]);
    await clear(store);
    expect((await store.stats.countByState(10)).oldestWaitingAtMs).toBeNull();
  });

  test("recent ends are counted and given newest first, up to a limit and a time", async () => {
    const { store, advance } = subject();
    const userId = await newCustomer(store, 1_000);
    await endedTask(store, userId);
    advance(LATELY_MS);
    const prompt = await createPrompt(store, userId);
    await store.tasks.claim(prompt, "wkr_a", LEASE_MS);
    await endAll(store, [prompt]);
    advance(1_000);
    await endedTask(store, userId);

    const ends = await store.stats.recentEnds(LATELY_MS, 10);
    const [newest] = await store.stats.recentEnds(LATELY_MS, 1);

    expect(ends.map(({ type, status }) => `${type} ${status}`)).toEqual([
      "FULL_GENERATION partial",
      "PROMPT_ONLY canceled",
    ]);
    expect(newest).toEqual(ends[0]);
    expect(newest?.finishedAtMs).toBeGreaterThanOrEqual(newest?.startedAtMs ?? Infinity);
    expect([
      await store.stats.countEnded(LATELY_MS, 10),
      await store.stats.countEnded(LATELY_MS, 1),
    ]).toEqual([2, 1]);
  });

  test("an end says when its task was started first, also when another worker ended it", async () => {
    const { store, advance } = subject();
    const userId = await newCustomer(store, 1_000);
    const taskId = await createOne(store, { userId, held: 24 });
    const first = await store.tasks.claim(taskId, "wkr_a", LEASE_MS);
    advance(LEASE_MS + 1);
    const task = await store.tasks.claim(taskId, "wkr_b", LEASE_MS);
    advance(7_000);
    await store.tasks.checkpoint({ taskId, fence: task?.fence ?? 0 }, [imageDone(0, taskId)]);
    await store.tasks.settle(finish(taskId));

    const [end] = await store.stats.recentEnds(6_000, 1);

    const runMs = (end?.finishedAtMs ?? 0) - (end?.startedAtMs ?? 0);
    expect(end?.startedAtMs).toBe(first?.startedAtMs ?? 0);
    expect([runMs >= LEASE_MS + 7_000, runMs < LEASE_MS + 9_000]).toEqual([true, true]);
  });
}

/** Other tests leave some running. */
async function runningOf(store: Store): Promise<number> {
  const { tallies } = await store.stats.countByState(1_000);
  return tallies.find(({ status }) => status === "running")?.count ?? 0;
}

async function clear(store: Store): Promise<void> {
  await endAll(store, (await store.queue.view({ headMax: 1_000, depthMax: 10_000 })).head);
}

/** One of two images was made. */
async function endedTask(store: Store, userId: string): Promise<void> {
  const taskId = await createOne(store, { userId, held: 24 });
  const task = await store.tasks.claim(taskId, "wkr_a", LEASE_MS);
  await store.tasks.checkpoint({ taskId, fence: task?.fence ?? 0 }, [imageDone(0, taskId)]);
  await store.tasks.settle(finish(taskId));
}
