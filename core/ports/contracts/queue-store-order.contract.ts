import { expect, test } from "bun:test";
import type { Priority } from "../../model/task.ts";
import type { Store } from "../store.ts";
import {
  drain,
  endAll,
  finish,
  LEASE_MS,
  newCustomer,
  newTask,
  type StoreSubject,
} from "./store.fixture.ts";

const LIMITS = { headMax: 1_000, depthMax: 10_000 };
type Choice = { readonly priority?: Priority; readonly held?: number; readonly window?: number };

/** The order in which tasks are sent. */
export function queueStoreOrderContract(subject: () => StoreSubject): void {
  test("dispatch fills its window in fair order: one customer's many do not starve another's one", async () => {
    const { store } = subject();
    await drain(store);
    const [many, single] = [await newCustomer(store, 10_000), await newCustomer(store, 100)];
    const flood = Array.from({ length: 20 }, () => newTask({ userId: many, held: 10 }));
    await store.tasks.create(flood, 0);
    const [lonely] = [newTask({ userId: single, held: 10 })];
    await store.tasks.create([lonely], 0);

    const jobs = await store.queue.dispatch(5);

    expect(jobs).toHaveLength(5);
    expect(jobs.map(({ taskId }) => taskId)).toContain(lonely.task.id);
    expect(await store.queue.dispatch(5)).toEqual([]);
    await drain(store);
  });

  test("high goes before normal and low after it", async () => {
    const { store } = subject();
    await drain(store);
    const userId = await newCustomer(store, 1_000);
    const creates = (["low", "normal", "high"] as const).map((priority) =>
      newTask({ userId, held: 10, priority }),
    );
    await store.tasks.create(creates, 0);

    const jobs = await store.queue.dispatch(10);

    expect(jobs.map(({ priority }) => priority)).toEqual(["high", "normal", "low"]);
    await drain(store);
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

/** A task that is created, claimed and ended. */
async function serve(store: Store, userId: string, choice: Choice): Promise<void> {
  const taskId = await wait(store, userId, { ...choice, window: 1_000 });
  await store.tasks.claim(taskId, "wkr_a", LEASE_MS);
  await store.tasks.settle(finish(taskId));
}
