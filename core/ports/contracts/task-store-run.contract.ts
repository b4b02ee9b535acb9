import { expect, test } from "bun:test";
import {
  claimedTask,
  createOne,
  createPrompt,
  endAll,
  finish,
  HOUR_MS,
  imageDone,
  importDone,
  LEASE_MS,
  newCustomer,
  preprocessDone,
  promptDone,
  type StoreSubject,
} from "./store.fixture.ts";

/** What the holder of a lease writes, and how tasks end. */
export function taskStoreRunContract(subject: () => StoreSubject): void {
  test("a task is claimed by one worker at a time, and not before its time", async () => {
    const { store } = subject();
    const { claim, task } = await claimedTask(store);

    expect(await store.tasks.claim(claim.taskId, "wkr_b", LEASE_MS)).toBeNull();
    await store.tasks.requeue(claim, { delayMs: 5_000, spent: true, error: null });
    expect(await store.tasks.claim(claim.taskId, "wkr_b", LEASE_MS)).toBeNull();
    subject().advance(5_001);
    const again = await store.tasks.claim(claim.taskId, "wkr_b", LEASE_MS);

    expect(again?.fence).toBe(task.fence + 1);
    expect([again?.attempts, again?.crashes]).toEqual([1, 0]);
  });

  test("an expired lease is taken over, counted as a crash, and the old holder writes nothing", async () => {
    const { store } = subject();
    const { claim } = await claimedTask(store);
    subject().advance(LEASE_MS + 1);

    const next = await store.tasks.claim(claim.taskId, "wkr_b", LEASE_MS);

    expect([next?.crashes, next?.attempts]).toEqual([1, 0]);
    expect(await store.tasks.checkpoint(claim, [importDone])).toBeNull();
    expect(
      await store.tasks.markPaidCalls(claim, [{ step: "generate", index: 0, askLimitMs: 1 }]),
    ).toBeNull();
    expect(await store.tasks.clearPaidCalls(claim, [{ step: "generate", index: 0 }], "no")).toBe(
      false,
    );
    expect(await store.tasks.requeue(claim, { delayMs: 0, spent: false, error: null })).toBeNull();
    expect(await store.tasks.settle({ ...finish(claim.taskId), fence: claim.fence })).toBeNull();
    expect((await store.tasks.find(claim.taskId))?.steps).toEqual([]);
  });

  test("leases are renewed together, and a lost one is missed", async () => {
    const { store } = subject();
    const [kept, lost] = [await claimedTask(store), await claimedTask(store)];
    await store.tasks.settle({ ...finish(lost.taskId), ending: "canceled" });

    const held = await store.tasks.renewLeases([kept.claim, lost.claim], LEASE_MS);

    expect(held).toEqual([kept.taskId]);
    subject().advance(LEASE_MS - 1_000);
    expect(await store.tasks.claim(kept.taskId, "wkr_b", LEASE_MS)).toBeNull();
  });

  test("a checkpoint stands once: a second write of the same step changes nothing", async () => {
    const { store } = subject();
    const { claim, task } = await claimedTask(store);

    const version = await store.tasks.checkpoint(claim, [importDone]);
    const other = { ...importDone, result: { ...importDone.result, key: "other" } };
    await store.tasks.checkpoint(claim, [other]);

    expect(version).toBe(task.version + 1);
    const steps = (await store.tasks.find(claim.taskId))?.steps ?? [];
    expect(steps.map(({ result }) => result)).toEqual([importDone.result]);
  });

  test("a paid call is counted and remembered until its answer is", async () => {
    const { store } = subject();
    const { claim } = await claimedTask(store);
    const step = { step: "generate", index: 0 } as const;

    await store.tasks.markPaidCalls(claim, [{ ...step, askLimitMs: 60_000 }]);
    const inDoubt = (await store.tasks.find(claim.taskId))?.steps[0];
    await store.tasks.clearPaidCalls(claim, [step], "no");
    const cleared = (await store.tasks.find(claim.taskId))?.steps[0];

    expect([inDoubt?.state, inDoubt?.asks, inDoubt?.askLimitMs]).toEqual(["asked", 1, 60_000]);
    expect(Math.abs((inDoubt?.askedAtMs ?? 0) - (await store.nowMs()))).toBeLessThan(5_000);
    expect([cleared?.asks, cleared?.askLimitMs]).toEqual([0, 0]);
  });

  test("a paid call that was never answered counts as unknown when it is made again, one that failed as asked", async () => {
    const { store } = subject();
    const { claim } = await claimedTask(store);
    const step = { step: "generate", index: 0 } as const;
    const markCall = () => store.tasks.markPaidCalls(claim, [{ ...step, askLimitMs: 60_000 }]);

    await markCall();
    await markCall();
    await store.tasks.clearPaidCalls(claim, [step], "no");
    await markCall();
    await store.tasks.clearPaidCalls(claim, [step], "yes");
    await markCall();
    await store.tasks.checkpoint(claim, [imageDone(0, claim.taskId)]);

    // The first went unknown, the second never ran, the third ran for nothing, the fourth gave the image.
    expect((await store.tasks.find(claim.taskId))?.steps[0]?.asks).toBe(3);
    expect(await subject().broken()).toEqual([]);
  });

  test("all promised images: succeeded, everything posted", async () => {
    const { store } = subject();
    const { claim, userId } = await claimedTask(store);
    await store.tasks.checkpoint(claim, [
      preprocessDone,
      promptDone,
      imageDone(0, claim.taskId),
      imageDone(1, claim.taskId),
    ]);

    const settled = await store.tasks.settle({ ...finish(claim.taskId), fence: claim.fence });

    expect(settled).toMatchObject({ status: "succeeded", postedCredits: 22, releasedCredits: 2 });
    expect(await store.credits.balance(userId)).toEqual({ available: 78, held: 0 });
  });

  test("some images: partial, the rest released; none: failed, all released", async () => {
    const { store } = subject();
    const [some, none] = [await claimedTask(store), await claimedTask(store)];
    await store.tasks.checkpoint(some.claim, [
      preprocessDone,
      promptDone,
      imageDone(0, some.taskId),
    ]);
    await store.tasks.checkpoint(none.claim, [preprocessDone, promptDone]);

    const partial = await store.tasks.settle({ ...finish(some.taskId), fence: some.claim.fence });
    const failed = await store.tasks.settle({ ...finish(none.taskId), fence: none.claim.fence });

    expect(partial).toMatchObject({ status: "partial", postedCredits: 12, releasedCredits: 12 });
    expect(failed).toMatchObject({ status: "failed", postedCredits: 0, releasedCredits: 24 });
  });

  test("whoever comes second to the terminal transition finds it done", async () => {
    const { store } = subject();
    const { claim, userId } = await claimedTask(store);

    const both = await Promise.all([
      store.tasks.settle({ ...finish(claim.taskId), fence: claim.fence }),
      store.tasks.settle({ ...finish(claim.taskId), ending: "canceled" }),
    ]);

    expect(both.filter((settled) => settled !== null)).toHaveLength(1);
    expect(await store.credits.balance(userId)).toEqual({ available: 100, held: 0 });
  });

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

  test("a prompt that was written is delivered and charged, and the ledger agrees", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 10);
    const taskId = await createPrompt(store, userId);
    const claimed = await store.tasks.claim(taskId, "wkr_a", LEASE_MS);
    await store.tasks.checkpoint({ taskId, fence: claimed?.fence ?? 0 }, [promptDone]);

    const settled = await store.tasks.settle(finish(taskId));

    expect(settled).toMatchObject({ status: "succeeded", postedCredits: 1, releasedCredits: 0 });
    expect(await store.credits.balance(userId)).toEqual({ available: 9, held: 0 });
  });

  test("a task whose customer wants to be told ends every way with its delivery, and lives without", async () => {
    const { store } = subject();
    const facts = { userId: await newCustomer(store, 100), held: 10 };
    const webhookUrl = "https://hooks.example.com/drape?shop=1";
    const [live, ended, canceled] = [
      await createOne(store, { ...facts, webhookUrl }),
      await createOne(store, { ...facts, webhookUrl }),
      await createOne(store, { ...facts, webhookUrl }),
    ];

    await store.tasks.settle(finish(ended));
    await store.tasks.settle({ ...finish(canceled), ending: "canceled" });
    await store.tasks.settle({ ...finish(canceled), ending: "canceled" });

    expect((await store.tasks.find(live))?.status).toBe("queued");
    expect(await subject().broken()).toEqual([]);
  });
}
