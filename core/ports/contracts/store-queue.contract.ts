import { expect, test } from "bun:test";
import type { Priority } from "../../model/task.ts";
import type { Store } from "../store.ts";
import {
  createOne,
  endAll,
  finish,
  LEASE_MS,
  newCustomer,
  taskCreate,
  type StoreSubject,
} from "./store.fixture.ts";

const LIMITS = { headMax: 1_000, depthMax: 10_000 };

/** The queue seen as a whole, its fairness and its bounds. */
export function storeQueueContract(subject: () => StoreSubject): void {
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

  test("a task canceled before it ran gives its share of the order back", async () => {
    const { store } = subject();
    await clear(store);
    const [canceler, fresh] = [await newCustomer(store, 10_000), await newCustomer(store, 1_000)];
    const unwanted: string[] = [];
    for (let count = 0; count < 20; count += 1) unwanted.push(await wait(store, canceler, {}));
    await endAll(store, unwanted);

    const [again, first] = [await wait(store, canceler, {}), await wait(store, fresh, {})];
    const keys = await store.queue.keysOf([again, first]);

    expect(keys.get(again)).toBe(keys.get(first) ?? 0);
    await clear(store);
  });

  test("a customer who was idle has saved nothing up: those who were served meanwhile are not set back", async () => {
    const { store } = subject();
    await clear(store);
    const [busy, idle] = [await newCustomer(store, 100_000), await newCustomer(store, 100_000)];
    for (let count = 0; count < 10; count += 1) await serve(store, busy, { held: 600 });

    const flood: string[] = [];
    for (let count = 0; count < 5; count += 1) flood.push(await wait(store, idle, { held: 600 }));
    const next = await wait(store, busy, { held: 600 });
    const keys = await store.queue.keysOf([next, ...flood]);

    const before = flood.filter((id) => (keys.get(id) ?? 0) <= (keys.get(next) ?? 0));
    expect(before.length).toBeLessThanOrEqual(1);
    await clear(store);
  });

  test("a low task that ran in a quiet hour sets nobody back who comes after it", async () => {
    const { store } = subject();
    await clear(store);
    const [waits, low, fresh] = [
      await newCustomer(store, 10_000),
      await newCustomer(store, 10_000),
      await newCustomer(store, 10_000),
    ];
    const backlog: string[] = [];
    for (let count = 0; count < 10; count += 1) backlog.push(await wait(store, waits, {}));
    await serve(store, low, { priority: "low", held: 600 });

    const one = await wait(store, fresh, {});
    const keys = await store.queue.keysOf([one, ...backlog]);

    // Behind the 600 credits that were served, not behind the low priority's 2,000 as well.
    const aheadKeys = (keys.get(one) ?? 0) - (keys.get(backlog[0] ?? "") ?? 0);
    expect(aheadKeys).toBeLessThanOrEqual(700 * 1_000);
    await clear(store);
  });

  test("a low task is sent after 4,000 credits of high ones at the latest, however many customers bring them", async () => {
    const { store } = subject();
    await clear(store);
    const low = await wait(store, await newCustomer(store, 100), { priority: "low" });

    let highCredits = 0;
    for (let sent = false; !sent && highCredits < 10_000;) {
      const customer = await newCustomer(store, 1_000);
      const high = await wait(store, customer, { priority: "high", held: 600 });
      const jobs = await store.queue.dispatch(1);
      sent = jobs.some(({ taskId }) => taskId === low);
      if (!sent) {
        highCredits += 600;
        await store.tasks.claim(high, "wkr_a", LEASE_MS);
      }
      await endAll(store, [high]);
    }

    // And one task, whose work counts when it is claimed.
    expect(highCredits).toBeLessThanOrEqual(4_000 + 600);
    await clear(store);
  });

  test("a low task rises in the window while others are served, so that no stream of high ones keeps it there", async () => {
    const { store, advance } = subject();
    await clear(store);
    const lowest = await newCustomer(store, 100);
    const low = await wait(store, lowest, { priority: "low", window: 1_000 });
    advance(5_001);
    const [early] = (await store.queue.sweep(1_000)).stranded.filter(
      ({ taskId }) => taskId === low,
    );
    const other = await newCustomer(store, 100_000);
    for (let count = 0; count < 11; count += 1) await serve(store, other, { held: 600 });

    const [late] = (await store.queue.sweep(1_000)).stranded.filter(({ taskId }) => taskId === low);

    expect(early).toMatchObject({ id: `${low}-1`, priority: "low" });
    expect(late).toMatchObject({ id: `${low}-1-high`, priority: "high" });
    await clear(store);
  });
}

/** Ends everything that waits, so that a test of the order starts from an empty queue. */
async function clear(store: Store): Promise<void> {
  await endAll(store, (await store.queue.view(LIMITS)).head);
}

type Wish = { readonly priority?: Priority; readonly held?: number; readonly window?: number };

/** A task that waits: outside of the window unless a window is given. */
async function wait(store: Store, userId: string, { window = 0, ...wish }: Wish): Promise<string> {
  const create = taskCreate({ userId, held: 10, ...wish });
  await store.tasks.create([create], window);
  return create.task.id;
}

/** A task that is created, claimed and ended. */
async function serve(store: Store, userId: string, wish: Wish): Promise<void> {
  const taskId = await wait(store, userId, { ...wish, window: 1_000 });
  await store.tasks.claim(taskId, "wkr_a", LEASE_MS);
  await store.tasks.settle(finish(taskId));
}
