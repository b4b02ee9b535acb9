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
} from "./store.fixture.ts";
import type { StoreSubject } from "./store.fixture.ts";

/** Dispatch, sweep, deadlines and settings. */
export function storeScheduleContract(subject: () => StoreSubject): void {
  test("a task ends by its deadline only after it", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 100);
    const taskId = await createOne(store, { userId, held: 24, lifeMs: HOUR_MS });

    const early = await store.settle({ ...finish(taskId), ending: "expired" });
    subject().advance(HOUR_MS + 1);
    const swept = await store.sweep(1_000);
    const late = await store.settle({ ...finish(taskId), ending: "expired" });

    expect(early).toBeNull();
    expect(swept.expired).toContain(taskId);
    expect(late).toMatchObject({ status: "expired", releasedCredits: 24 });
    expect(await store.claim(taskId, "wkr_a", LEASE_MS)).toBeNull();
    await endAll(store, swept.expired);
  });

  test("dispatch fills its window in fair order: one customer's many do not starve another's one", async () => {
    const { store } = subject();
    await drain(store);
    const [many, single] = [await newCustomer(store, 10_000), await newCustomer(store, 100)];
    const flood = Array.from({ length: 20 }, () => taskCreate({ userId: many, held: 10 }));
    await store.createTasks(flood, 0);
    const [lonely] = [taskCreate({ userId: single, held: 10 })];
    await store.createTasks([lonely], 0);

    const jobs = await store.dispatch(5);

    expect(jobs).toHaveLength(5);
    expect(jobs.map(({ taskId }) => taskId)).toContain(lonely.task.id);
    expect(await store.dispatch(5)).toEqual([]);
    await drain(store);
  });

  test("high goes before normal and low after it", async () => {
    const { store } = subject();
    await drain(store);
    const userId = await newCustomer(store, 1_000);
    const wishes = (["low", "normal", "high"] as const).map((priority) =>
      taskCreate({ userId, held: 10, priority }),
    );
    await store.createTasks(wishes, 0);

    const jobs = await store.dispatch(10);

    expect(jobs.map(({ priority }) => priority)).toEqual(["high", "normal", "low"]);
    await drain(store);
  });

  test("the sweep sends again what was sent and not taken, under the same id", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 100);
    const wish = taskCreate({ userId, held: 10 });
    const [outcome] = await store.createTasks([wish], WINDOW);
    subject().advance(5_001);

    const { stranded } = await store.sweep(1_000);

    expect(stranded.map(({ id }) => id)).toContain(jobIdOf(outcome));
    await drain(store);
  });

  test("the sweep gives an abandoned task a new job, once", async () => {
    const { store } = subject();
    const { taskId } = await claimedTask(store);
    subject().advance(LEASE_MS + 5_001);

    const first = await store.sweep(1_000);
    const second = await store.sweep(1_000);

    const of = (jobs: typeof first.abandoned) => jobs.filter((job) => job.taskId === taskId);
    expect(of(first.abandoned)).toHaveLength(1);
    expect(of(second.abandoned)).toHaveLength(0);
  });

  test("settings are kept and forgotten", async () => {
    const { store } = subject();
    await store.putSetting("pause:test", "why");
    const kept = await store.getSetting("pause:test");
    await store.putSetting("pause:test", null);

    expect([kept, await store.getSetting("pause:test")]).toEqual(["why", null]);
  });

  test("a paused queue sends and claims nothing", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 100);
    const taskId = await createOne(store, { userId, held: 24 });
    await store.putSetting("pause:queue", "maintenance");

    const [jobs, taken] = [await store.dispatch(100), await store.claim(taskId, "wkr_a", LEASE_MS)];
    await store.putSetting("pause:queue", null);

    expect([jobs, taken]).toEqual([[], null]);
    expect(await store.claim(taskId, "wkr_a", LEASE_MS)).not.toBeNull();
  });
}
