import { expect, test } from "bun:test";
import type { StepWrite } from "../../core/ports/task-store.ts";
import {
  claimedTask,
  finish,
  imageDone,
  LEASE_MS,
  newCustomer,
  preprocessDone,
  newTask,
  WINDOW,
} from "../../core/ports/contracts/store.fixture.ts";
import { deliveredObjects } from "./delivered-objects.ts";
import { openTestStore, type TestStore } from "../store.fixture.ts";

const photo = "https://example.com/a.jpg";
const photoDone = (taskId: string): StepWrite => ({
  ...preprocessDone,
  result: { ...preprocessDone.result, key: `t/${taskId}/processed-0.webp`, bytes: 700 },
});

test("page by page, nothing that was delivered is left out", async () => {
  const opened = await openTestStore("sqlite::memory:");
  const keys: string[] = [];
  for (let count = 0; count < 3; count += 1) {
    keys.push(await deliveredImage(opened), await deliveredPhoto(opened));
  }

  const pages = await Array.fromAsync(deliveredObjects(opened.db.kysely, 1));

  expect(Math.max(...pages.map(({ length }) => length))).toBe(1);
  const found = pages.flat().map(({ objectKey }) => objectKey);
  expect(found.toSorted()).toEqual(keys.toSorted());
  await opened.close();
});

async function deliveredImage({ store }: TestStore): Promise<string> {
  const { taskId, claim } = await claimedTask(store);
  await store.tasks.checkpoint(claim, [imageDone(0, taskId)]);
  await store.tasks.settle({ ...finish(taskId), fence: claim.fence });
  return `t/${taskId}/image-0.jpg`;
}

async function deliveredPhoto({ store }: TestStore): Promise<string> {
  const { task, ...create } = newTask({ userId: await newCustomer(store, 1), held: 1 });
  const request = { type: "PREPROCESS_ONLY", input: { images: [photo], options: {} } } as const;
  await store.tasks.create([{ ...create, task: { ...task, ...request } }], WINDOW);
  const fence = (await store.tasks.claim(task.id, "wkr_a", LEASE_MS))?.fence ?? 0;
  await store.tasks.checkpoint({ taskId: task.id, fence }, [photoDone(task.id)]);
  await store.tasks.settle({ ...finish(task.id), fence });
  return `t/${task.id}/processed-0.webp`;
}
