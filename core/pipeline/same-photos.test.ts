import { afterEach, describe, expect, test } from "bun:test";
import { openScriptedApp, processed } from "../../tests/scripted-app.ts";
import type { TaskRequest } from "../model/task.ts";

let app: Awaited<ReturnType<typeof openScriptedApp>>;
afterEach(async () => {
  expect(await app.broken()).toEqual([]);
  await app.close();
});

type Size = { readonly width: number; readonly height: number };
type ProcessorEvent = {
  readonly source?: { readonly url: string };
  readonly to?: string;
  readonly images?: readonly { readonly to: string }[];
};

/** Photos whose content is told by the first letter of their name: `a-1.jpg` and `a-2.jpg` are one picture. */
async function open(size: Size = { width: 640, height: 800 }) {
  app = await openScriptedApp({
    "ai-image-processor": ({ source, to, images }: ProcessorEvent) => {
      if (images !== undefined) return { ok: true, result: processed(images) };
      const key = to ?? `u/in/${source?.url.split("/").at(-1)?.charAt(0)}.jpg`;
      return { ok: true, result: { key, ...size, bytes: 9, format: "jpeg", sourceBytes: 9 } };
    },
  });
  return app;
}

const addresses = (names: readonly string[]) => names.map((name) => `https://example.com/${name}`);
const options = { size: "1024x1024", quality: "standard", n: 1 } as const;
const full = (...names: readonly string[]): TaskRequest => ({
  type: "FULL_GENERATION",
  input: {
    clothingImages: addresses(names),
    sceneType: "studio",
    stylePreference: "elegant",
    options,
  },
});
const generate = (...names: readonly string[]): TaskRequest => ({
  type: "GENERATE_ONLY",
  input: { prompt: "a dress", referenceImages: addresses(names), options },
});
const preprocess = (...names: readonly string[]): TaskRequest => ({
  type: "PREPROCESS_ONLY",
  input: { images: addresses(names), options: {} },
});

describe("a photo that was sent more than once", () => {
  test.each([[["a.jpg", "a.jpg", "a.jpg"]], [["a-1.jpg", "a-2.jpg", "a-3.jpg"]]])(
    "is paid for and shown to the models once, and the task says so: %p",
    async (names) => {
      const { createTaskOf, runToEnd, calls } = await open();

      const task = await runToEnd(await createTaskOf(full(...names, "b.jpg")));

      const references = calls.find(({ name }) => name === "image-generator")?.event;
      const photos = calls.find(({ name }) => name === "prompt-generator")?.event;
      expect(references).toMatchObject({ referenceKeys: { length: 2 } });
      expect(photos).toMatchObject({ images: { length: 2 } });
      expect(task.status).toBe("succeeded");
      // Two photos, one prompt, one picture; four photos were held.
      expect(task.settled).toEqual({ postedCredits: 13, releasedCredits: 2 });
      const said = task.steps.flatMap((record) =>
        record.state === "degraded" ? [[record.index, record.result.usedInstead]] : [],
      );
      expect(said).toEqual([
        [1, "photo 1, which is the same picture"],
        [2, "photo 1, which is the same picture"],
      ]);
    },
  );

  test("is worked on once where photos are all that is wanted, and each has its result", async () => {
    const { createTaskOf, runToEnd, calls } = await open();

    const task = await runToEnd(
      await createTaskOf(preprocess("a-1.jpg", "b.jpg", "a-2.jpg", "a-3.jpg")),
    );

    const worked = calls.flatMap(({ event }) => (event as ProcessorEvent).images ?? []);
    expect(worked).toHaveLength(2);
    expect(task.status).toBe("succeeded");
    expect(task.settled).toEqual({ postedCredits: 2, releasedCredits: 2 });
    const results = task.steps.flatMap((record) =>
      record.step === "preprocess" && record.state === "done" ? [record] : [],
    );
    expect(results.map(({ index, priceCredits }) => [index, priceCredits]).toSorted()).toEqual([
      [0, 1],
      [1, 1],
      [2, 0],
      [3, 0],
    ]);
    expect(results.find(({ index }) => index === 3)?.result.report?.done).toEqual([
      "the result of photo 1, which is the same picture: counted once",
    ]);
  });

  test("is sent to the image model once as a reference", async () => {
    const { createTaskOf, runToEnd, calls } = await open();

    await runToEnd(await createTaskOf(generate("a-1.jpg", "a-2.jpg", "b.jpg")));

    const sent = calls.find(({ name }) => name === "image-generator")?.event;
    expect(sent).toMatchObject({ referenceKeys: ["u/in/a.jpg", "u/in/b.jpg"] });
  });
});

describe("a photo that no image model takes", () => {
  test.each([
    [{ width: 8, height: 8 }, "8x8 pixels"],
    [{ width: 640, height: 14 }, "640x14 pixels"],
    [{ width: 200, height: 9_000 }, "200x9000 pixels"],
    [{ width: 1_601, height: 100 }, "1601x100 pixels"],
  ])("ends the task before anything is paid, by its size: %p", async (size, words) => {
    const { createTaskOf, runToEnd, countOf } = await open(size);

    for (const request of [full("a.jpg", "b.jpg"), generate("a.jpg")]) {
      const task = await runToEnd(await createTaskOf(request));

      expect([task.status, task.error?.code, task.settled?.postedCredits]).toEqual([
        "failed",
        "IMAGE_OPERATION_INVALID",
        0,
      ]);
      expect(task.error?.message).toStartWith("Photo 1 (https://example.com/a.jpg): ");
      expect(task.error?.message).toContain(words);
      expect(task.error?.pointer).toMatch(/^\/(clothingImages|referenceImages)\/0$/);
    }
    expect([countOf("prompt-generator"), countOf("image-generator")]).toEqual([0, 0]);
  });

  test("at the very limits is taken", async () => {
    const { createTaskOf, runToEnd } = await open({ width: 15, height: 240 });

    expect((await runToEnd(await createTaskOf(full("a.jpg")))).status).toBe("succeeded");
  });
});
