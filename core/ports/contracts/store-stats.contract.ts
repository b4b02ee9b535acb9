import { expect, test } from "bun:test";
import { freshId } from "../../model/ids.fixture.ts";
import type { TaskWish } from "../../model/task.ts";
import type { Store } from "../store.ts";
import {
  createOne,
  endAll,
  finish,
  imageDone,
  LEASE_MS,
  newCustomer,
  promptDone,
  taskCreate,
  WINDOW,
  type StoreSubject,
} from "./store.fixture.ts";

const LATELY_MS = 30_000;
const PROMPT: TaskWish = {
  type: "PROMPT_ONLY",
  input: {
    imageUrl: "https://example.com/a.jpg",
    sceneType: "studio",
    stylePreference: "elegant",
  },
};

/** What an operator sees, and the pause that an operator may make. */
export function storeStatsContract(subject: () => StoreSubject): void {
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

    const all = await store.stats.tallyLive(1_000);
    const some = await store.stats.tallyLive(2);

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
    expect((await store.stats.tallyLive(10)).oldestWaitingAtMs).toBeNull();
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

  test("a prompt that was written is delivered and charged, and the books agree", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 10);
    const taskId = await createPrompt(store, userId);
    const claimed = await store.tasks.claim(taskId, "wkr_a", LEASE_MS);
    await store.tasks.checkpoint({ taskId, fence: claimed?.fence ?? 0 }, [promptDone]);

    const settled = await store.tasks.settle(finish(taskId));

    expect(settled).toMatchObject({ status: "succeeded", postedCredits: 1, releasedCredits: 0 });
    expect(await store.credits.balance(userId)).toEqual({ available: 9, held: 0 });
  });

  test("a paused queue gives nothing out; each act of it leaves its audit row", async () => {
    const { store } = subject();
    await clear(store);
    const taskId = await createOne(store, { userId: await newCustomer(store, 100), held: 10 });
    const act = () => ({ id: freshId("aud"), actor: "usr_chief", subject: "queue" });

    const first = await store.queue.setPause("spring cleaning", pauseAct(act(), "queue.pause"));
    const paused = await store.queue.findPause();
    const again = await store.queue.setPause("still cleaning", pauseAct(act(), "queue.pause"));
    const later = await store.queue.findPause();
    const whilePaused = await store.tasks.claim(taskId, "wkr_a", LEASE_MS);
    const resumed = await store.queue.setPause(null, pauseAct(act(), "queue.resume"));
    const twice = await store.queue.setPause(null, pauseAct(act(), "queue.resume"));

    expect([first, again, resumed, twice]).toEqual([true, true, true, false]);
    expect([paused?.reason, later?.reason]).toEqual(["spring cleaning", "still cleaning"]);
    expect(paused?.sinceMs).toBeGreaterThan(0);
    expect(later?.sinceMs).toBe(paused?.sinceMs ?? 0);
    expect(whilePaused).toBeNull();
    expect(await store.queue.findPause()).toBeNull();
    expect((await store.tasks.claim(taskId, "wkr_a", LEASE_MS))?.id).toBe(taskId);
    const acts = (await store.audit.list({ limit: 100 })).filter(
      ({ actor }) => actor === "usr_chief",
    );
    expect(acts.map(({ action }) => action).sort()).toEqual([
      "queue.pause",
      "queue.pause",
      "queue.resume",
    ]);
    await endAll(store, [taskId]);
  });
}

function pauseAct<A extends object>(act: A, action: string) {
  return { ...act, action, detail: {} };
}

/** Other tests leave some running. */
async function runningOf(store: Store): Promise<number> {
  const { tallies } = await store.stats.tallyLive(1_000);
  return tallies.find(({ status }) => status === "running")?.count ?? 0;
}

async function clear(store: Store): Promise<void> {
  await endAll(store, (await store.queue.view({ headMax: 1_000, depthMax: 10_000 })).head);
}

async function createPrompt(store: Store, userId: string): Promise<string> {
  const { task } = taskCreate({ userId, held: 1 });
  const create = { task: { ...task, ...PROMPT }, idempotency: null };
  await store.tasks.create([create], WINDOW);
  return task.id;
}

/** One of two images was made. */
async function endedTask(store: Store, userId: string): Promise<void> {
  const taskId = await createOne(store, { userId, held: 24 });
  const task = await store.tasks.claim(taskId, "wkr_a", LEASE_MS);
  await store.tasks.checkpoint({ taskId, fence: task?.fence ?? 0 }, [imageDone(0, taskId)]);
  await store.tasks.settle(finish(taskId));
}
