import { expect, test } from "bun:test";
import {
  claimedTask,
  imageDone,
  importDone,
  preprocessDone,
  promptDone,
} from "../core/ports/contracts/store.fixture.ts";
import { openTestStore } from "../db/store.fixture.ts";
import { presentTask } from "./present-task.ts";

test("the step that is shown is under way until all that was planned of it is finished", async () => {
  const { store, close } = await openTestStore("sqlite::memory:");
  const { taskId, claim } = await claimedTask(store);
  const shown: unknown[] = [];
  const look = async () => {
    const task = await store.tasks.find(taskId);
    if (task === null) throw new Error("the task is gone");
    const presenting = { objects: { signedGetUrl: (key: string) => key }, nowMs: 0 };
    shown.push(presentTask(task, presenting).progress.step);
  };

  await look();
  for (const write of [importDone, preprocessDone, promptDone, imageDone(0, taskId)]) {
    await store.tasks.checkpoint(claim, [write]);
    await look();
  }

  // One of two images is made.
  expect(shown).toEqual(["import", "preprocess", "prompt", "generate", "generate"]);
  await close();
});

test("a paid call that is under way, or looked for, is shown with the time until which it is waited for", async () => {
  const { store, close } = await openTestStore("sqlite::memory:");
  const { taskId, claim } = await claimedTask(store);
  const waitingFor = async () => {
    const task = await store.tasks.find(taskId);
    if (task === null) throw new Error("the task is gone");
    const presenting = { objects: { signedGetUrl: (key: string) => key }, nowMs: 0 };
    return presentTask(task, presenting).progress.waitingFor;
  };
  const before = await waitingFor();
  const call = (index: number, askLimitMs: number) =>
    ({ step: "generate", index, askLimitMs }) as const;

  await store.tasks.markPaidCalls(claim, [call(0, 60_000), call(1, 300_000)]);
  const meanwhile = await waitingFor();
  await store.tasks.checkpoint(claim, [imageDone(0, taskId), imageDone(1, taskId)]);

  const leftMs = Date.parse(meanwhile?.until ?? "") - (await store.nowMs());
  expect(meanwhile).toMatchObject({ step: "generate", index: 1 });
  expect(Math.abs(leftMs - 300_000)).toBeLessThan(10_000);
  expect([before, await waitingFor()]).toEqual([null, null]);
  await close();
});
