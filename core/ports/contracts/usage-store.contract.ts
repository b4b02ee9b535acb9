import { expect, test } from "bun:test";
import type { Usage } from "../../model/usage-meter.ts";
import { claimedTask, finish, imageDone, type StoreSubject } from "./store.fixture.ts";

const calls: Usage = {
  function: "image-generator",
  provider: "",
  calls: 1,
  megabyteMs: 2_048_000,
  images: 0,
  inputTokens: 0,
  outputTokens: 0,
  bytes: 0,
};
const pictures: Usage = { ...calls, provider: "ark", calls: 0, megabyteMs: 0, images: 2, bytes: 9 };

/** What a Store promises of what tasks used. */
export function usageStoreContract(subject: () => StoreSubject): void {
  test("what a task used is added up over its attempts, by function and provider", async () => {
    const { store } = subject();
    const { taskId } = await claimedTask(store);
    const other = await claimedTask(store);

    await store.usage.add(taskId, [calls, pictures]);
    await store.usage.add(taskId, [{ ...calls, megabyteMs: 1_000 }]);
    await store.usage.add(other.taskId, [pictures]);
    await store.usage.add(other.taskId, []);

    expect(await store.usage.find(taskId)).toEqual([
      { ...calls, calls: 2, megabyteMs: 2_049_000 },
      pictures,
    ]);
    expect(await store.usage.find(other.taskId)).toEqual([pictures]);
  });

  test("attempts that end at once lose none of each other's figures", async () => {
    const { store } = subject();
    const { taskId } = await claimedTask(store);

    await Promise.all(Array.from({ length: 20 }, () => store.usage.add(taskId, [calls, pictures])));

    const [ofFunction, ofProvider] = await store.usage.find(taskId);
    expect([ofFunction?.calls, ofProvider?.images]).toEqual([20, 40]);
  });

  test("a period has what was noted and what ended in it, and nothing of the time before and after", async () => {
    const { store, advance } = subject();
    const { taskId, claim } = await claimedTask(store);
    await store.usage.add(taskId, [calls]);
    advance(60_000);
    const sinceMs = await store.nowMs();
    await store.tasks.checkpoint(claim, [imageDone(0, taskId)]);
    await store.usage.add(taskId, [pictures]);
    const end = await store.tasks.settle({ ...finish(taskId), fence: claim.fence });
    advance(60_000);
    const untilMs = await store.nowMs();
    const later = await claimedTask(store);
    await store.usage.add(later.taskId, [pictures]);

    const costs = await store.usage.sumCosts({ sinceMs, untilMs });
    const empty = await store.usage.sumCosts({ sinceMs: 1, untilMs: 2 });

    const chargedCredits = end?.postedCredits ?? 0;
    expect(chargedCredits).toBeGreaterThan(0);
    expect(costs).toEqual({
      usage: [pictures],
      tasks: 1,
      chargedCredits,
      releasedCredits: end?.releasedCredits ?? 0,
    });
    expect(empty).toEqual({ usage: [], tasks: 0, chargedCredits: 0, releasedCredits: 0 });
  });
}
