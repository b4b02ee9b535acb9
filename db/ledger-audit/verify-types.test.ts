import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { priceOf } from "../../core/model/pricing.ts";
import type { StepWrite } from "../../core/ports/task-store.ts";
import {
  finish,
  imageDone,
  LEASE_MS,
  newCustomer,
  pictureFacts,
  preprocessDone,
  promptDone,
  newTask,
  WINDOW,
} from "../../core/ports/contracts/store.fixture.ts";
import type { TaskType, TaskRequest } from "../../core/model/task.ts";
import { onMariadb } from "../../tests/on-mariadb.ts";
import { openTestStore, type TestStore } from "../store.fixture.ts";
import { verifyLedger } from "./verify-ledger.ts";

const photo = "https://example.com/a.jpg";
const options = { size: "1024x1024", quality: "standard", n: 2 } as const;
const chosen = { sceneType: "studio", stylePreference: "elegant" };

/** One of each type, and the steps that make it whole. */
const REQUESTS: readonly TaskRequest[] = [
  { type: "FULL_GENERATION", input: { clothingImages: [photo], ...chosen, options } },
  { type: "PREPROCESS_ONLY", input: { images: [photo, photo, photo], options: {} } },
  { type: "PROMPT_ONLY", input: { imageUrl: photo, ...chosen } },
  { type: "GENERATE_ONLY", input: { prompt: "a red dress", options } },
];
const photoDone = (index: number, taskId: string): StepWrite => ({
  ...preprocessDone,
  index,
  result: {
    ...preprocessDone.result,
    key: `t/${taskId}/processed-${index}.webp`,
    bytes: 700,
    variants: [
      {
        ...pictureFacts,
        name: "card",
        key: `t/${taskId}/processed-${index}-card.webp`,
        bytes: 70,
      },
    ],
  },
});
const STEPS: Record<TaskType, (taskId: string) => StepWrite[]> = {
  FULL_GENERATION: (id) => [photoDone(0, id), promptDone, imageDone(0, id), imageDone(1, id)],
  PREPROCESS_ONLY: (id) => [photoDone(0, id), photoDone(1, id), photoDone(2, id)],
  PROMPT_ONLY: () => [promptDone],
  GENERATE_ONLY: (id) => [imageDone(0, id), imageDone(1, id)],
};

/** Damage to one type's results, and the invariant that must see it. */
const DAMAGES: readonly (readonly [TaskType, string, string])[] = [
  ["FULL_GENERATION", "delete from images where idx = 1 and taskId = ':task'", "I5"],
  ["PREPROCESS_ONLY", "delete from steps where idx = 2 and taskId = ':task'", "I5"],
  ["PREPROCESS_ONLY", "delete from steps where idx = 2 and taskId = ':task'", "I4c"],
  ["PREPROCESS_ONLY", "update tasks set status = 'partial' where id = ':task'", "I5"],
  ["PREPROCESS_ONLY", "update tasks set status = 'failed' where id = ':task'", "I5"],
  ["PROMPT_ONLY", "update steps set state = 'degraded' where taskId = ':task'", "I5"],
  ["PROMPT_ONLY", "update steps set state = 'degraded' where taskId = ':task'", "I4c"],
  ["PROMPT_ONLY", "update tasks set status = 'partial' where id = ':task'", "I5"],
  ["GENERATE_ONLY", "update steps set state = 'missed' where taskId = ':task'", "I4c"],
  ["GENERATE_ONLY", "delete from images where taskId = ':task'", "I5"],
];

function typesSuite(name: string, open: () => Promise<TestStore>): void {
  describe(`the ledger of every type of task on ${name}`, () => {
    let opened: TestStore;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    /** A task of the type that delivered all; gives its id. */
    async function wholeTask(type: TaskType): Promise<string> {
      const request = REQUESTS.find((one) => one.type === type);
      if (request === undefined) throw new Error(`no request of type ${type}`);
      const { store } = opened;
      const prices = { preprocess: 1, prompt: 1, image: 10 };
      const held = priceOf(request, prices);
      const { task, ...create } = newTask({ userId: await newCustomer(store, held), held });
      await store.tasks.create([{ ...create, task: { ...task, ...request } }], WINDOW);
      const fence = (await store.tasks.claim(task.id, "wkr_a", LEASE_MS))?.fence ?? 0;
      await store.tasks.checkpoint({ taskId: task.id, fence }, STEPS[type](task.id));
      const settled = await store.tasks.settle({ ...finish(task.id), fence });
      expect(settled).toMatchObject({ status: "succeeded", postedCredits: held });
      return task.id;
    }

    const broken = async () => {
      const results = await verifyLedger(opened.db.kysely, 0);
      return results.flatMap(({ invariant, findings }) =>
        findings.map(({ task }) => `${invariant} ${String(task)}`),
      );
    };

    test("are sound when all was delivered, and each damage is seen by its invariant", async () => {
      for (const { type } of REQUESTS) await wholeTask(type);
      expect(await broken()).toEqual([]);

      for (const [type, damage, invariant] of DAMAGES) {
        const taskId = await wholeTask(type);
        await sql.raw(damage.replaceAll(":task", taskId)).execute(opened.db.kysely);
        expect([damage, await broken()]).toEqual([
          damage,
          expect.arrayContaining([`${invariant} ${taskId}`]),
        ]);
      }
    });

    test("have every photo and copy that was processed looked up, and no other step's", async () => {
      const taskId = await wholeTask("PREPROCESS_ONLY");
      const full = await wholeTask("FULL_GENERATION");
      const seen = new Set<string>();
      const head = async (key: string) => {
        seen.add(key);
        return { bytes: key.endsWith("-card.webp") ? 70 : 700 };
      };

      await verifyLedger(opened.db.kysely, 0, { head });

      const own = [...seen].filter((key) => key.startsWith(`t/${taskId}/`));
      expect(own.sort()).toEqual(
        [0, 1, 2].flatMap((index) => [
          `t/${taskId}/processed-${index}-card.webp`,
          `t/${taskId}/processed-${index}.webp`,
        ]),
      );
      expect([...seen].some((key) => key.startsWith(`t/${full}/processed`))).toBe(false);
    });
  });
}

typesSuite("SQLite", async () => {
  const folder = mkdtempSync(join(tmpdir(), "drape-types-"));
  const opened = await openTestStore(`sqlite:${join(folder, "books.sqlite")}`);
  return {
    ...opened,
    async close() {
      await opened.close();
      rmSync(folder, { recursive: true });
    },
  };
});

onMariadb((server) => {
  typesSuite("MariaDB", async () => openTestStore(await server().createDatabase("types")));
});
