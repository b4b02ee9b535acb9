import { expect, test } from "bun:test";
import { freshId } from "../../model/ids.fixture.ts";
import type { Priority } from "../../model/task.ts";
import type { Store } from "../store.ts";
import {
  claimedTask,
  createOne,
  drain,
  endAll,
  jobIdOf,
  LEASE_MS,
  newCustomer,
  newTask,
  WINDOW,
  type StoreSubject,
} from "./store.fixture.ts";

const LIMITS = { headMax: 1_000, depthMax: 10_000 };
type Choice = { readonly priority?: Priority; readonly held?: number; readonly window?: number };

/** The queue seen from outside, what is sent again, and its pause. */
export function queueStoreContract(subject: () => StoreSubject): void {
  test("the queue is seen in the order in which it is taken: the window, then the ready by their keys", async () => {
    const { store } = subject();
    await clear(store);
    const userId = await newCustomer(store, 1_000);
    const sent = await wait(store, userId, { priority: "low", window: 1_000 });
    const normal = await wait(store, userId, {});
    const high = await wait(store, userId, { priority: "high" });

    const view = await store.queue.view(LIMITS);

    expect(view.head).toEqual([sent, high, normal]);
    expect(view.depth).toBe(3);
    expect(view.lastKey).toBe(view.headKey);
    await clear(store);
  });

  test("behind the head the queue is known by its depth and by the keys between which the others lie", async () => {
    const { store } = subject();
    await clear(store);
    const userId = await newCustomer(store, 1_000);
    const ids: string[] = [];
    for (let count = 0; count < 6; count += 1) ids.push(await wait(store, userId, {}));

    const view = await store.queue.view({ headMax: 2, depthMax: 5 });
    const keys = await store.queue.keysOf([...ids, "task_none"]);

    expect(view.head).toEqual(ids.slice(0, 2));
    expect([view.depth, keys.size]).toEqual([5, 6]);
    expect([view.headKey, view.lastKey]).toEqual([
      keys.get(ids[1] ?? "") ?? 0,
      keys.get(ids[5] ?? "") ?? 0,
    ]);
    await clear(store);
  });

  test("counts end at their limit; a customer's live tasks are those that wait and those that run", async () => {
    const { store } = subject();
    await clear(store);
    const [userId, other] = [await newCustomer(store, 1_000), await newCustomer(store, 1_000)];
    const running = await createOne(store, { userId, held: 10 });
    await store.tasks.claim(running, "wkr_a", LEASE_MS);
    for (let count = 0; count < 3; count += 1) await wait(store, userId, {});
    await wait(store, other, {});

    const queued = [await store.queue.countQueued(3), await store.queue.countQueued(100)];
    const live = [await store.queue.countLive(userId, 2), await store.queue.countLive(userId, 100)];
    await endAll(store, [running]);

    expect([queued, live]).toEqual([
      [3, 4],
      [2, 4],
    ]);
    expect(await store.queue.countLive(userId, 100)).toBe(3);
    await clear(store);
  });

  test("the sweep sends again what was sent and not taken, under the same id", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 100);
    const create = newTask({ userId, held: 10 });
    const [outcome] = await store.tasks.create([create], WINDOW);
    subject().advance(5_001);

    const { stranded } = await store.queue.sweep(1_000);

    expect(stranded.map(({ id }) => id)).toContain(jobIdOf(outcome));
    await drain(store);
  });

  test("the sweep gives an abandoned task a new job, once", async () => {
    const { store } = subject();
    const { taskId } = await claimedTask(store);
    subject().advance(LEASE_MS + 5_001);

    const first = await store.queue.sweep(1_000);
    const second = await store.queue.sweep(1_000);

    const of = (jobs: typeof first.abandoned) => jobs.filter((job) => job.taskId === taskId);
    expect(of(first.abandoned)).toHaveLength(1);
    expect(of(second.abandoned)).toHaveLength(0);
  });

  test("a paused queue sends and claims nothing", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 100);
    const taskId = await createOne(store, { userId, held: 24 });
    await store.settings.put("pause:queue", "maintenance");

    const [jobs, taken] = [
      await store.queue.dispatch(100),
      await store.tasks.claim(taskId, "wkr_a", LEASE_MS),
    ];
    await store.settings.put("pause:queue", null);

    expect([jobs, taken]).toEqual([[], null]);
    expect(await store.tasks.claim(taskId, "wkr_a", LEASE_MS)).not.toBeNull();
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

/** Ends everything that waits, so that a test of the order starts from an empty queue. */
async function clear(store: Store): Promise<void> {
  await endAll(store, (await store.queue.view(LIMITS)).head);
}

/** A task that waits: outside of the window unless a window is given. */
async function wait(
  store: Store,
  userId: string,
  { window = 0, ...choice }: Choice,
): Promise<string> {
  const create = newTask({ userId, held: 10, ...choice });
  await store.tasks.create([create], window);
  return create.task.id;
}

function pauseAct<A extends object>(act: A, action: string) {
  return { ...act, action, detail: {} };
}
