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
