import { expect, test } from "bun:test";
import {
  WINDOW,
  LEASE_MS,
  HOUR_MS,
  claimedTask,
  taskCreate,
  createOne,
  newCustomer,
  finish,
  jobIdOf,
  endAll,
  drain,
  type StoreSubject,
} from "./store.fixture.ts";

/** Dispatch, sweep, deadlines and settings. */
export function storeScheduleContract(subject: () => StoreSubject): void {
  test("a task ends by its deadline only after it", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 100);
    const taskId = await createOne(store, { userId, held: 24, lifeMs: HOUR_MS });

    const early = await store.tasks.settle({ ...finish(taskId), ending: "expired" });
    subject().advance(HOUR_MS + 1);
    const swept = await store.queue.sweep(1_000);
    const late = await store.tasks.settle({ ...finish(taskId), ending: "expired" });

    expect(early).toBeNull();
    expect(swept.expired).toContain(taskId);
    expect(late).toMatchObject({ status: "expired", releasedCredits: 24 });
    expect(await store.tasks.claim(taskId, "wkr_a", LEASE_MS)).toBeNull();
    await endAll(store, swept.expired);
  });

  test("dispatch fills its window in fair order: one customer's many do not starve another's one", async () => {
    const { store } = subject();
    await drain(store);
    const [many, single] = [await newCustomer(store, 10_000), await newCustomer(store, 100)];
    const flood = Array.from({ length: 20 }, () => taskCreate({ userId: many, held: 10 }));
    await store.tasks.create(flood, 0);
    const [lonely] = [taskCreate({ userId: single, held: 10 })];
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
    const wishes = (["low", "normal", "high"] as const).map((priority) =>
      taskCreate({ userId, held: 10, priority }),
    );
    await store.tasks.create(wishes, 0);

    const jobs = await store.queue.dispatch(10);

    expect(jobs.map(({ priority }) => priority)).toEqual(["high", "normal", "low"]);
    await drain(store);
  });

  test("the sweep sends again what was sent and not taken, under the same id", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 100);
    const wish = taskCreate({ userId, held: 10 });
    const [outcome] = await store.tasks.create([wish], WINDOW);
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

  test("settings are kept and forgotten", async () => {
    const { store } = subject();
    await store.settings.put("pause:test", "why");
    const kept = await store.settings.get("pause:test");
    await store.settings.put("pause:test", null);

    expect([kept, await store.settings.get("pause:test")]).toEqual(["why", null]);
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
}
