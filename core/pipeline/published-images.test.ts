import { afterEach, describe, expect, test } from "bun:test";
import { made, openScriptedApp, type Script } from "../../tests/scripted-app.ts";
import { until } from "../../tests/until.ts";
import { DrapeError } from "../model/errors.ts";
import type { TaskEvent } from "../model/task-events.ts";
import type { SettingsChange } from "../model/task-settings.ts";

type ScriptedApp = Awaited<ReturnType<typeof openScriptedApp>>;
type ImagesEvent = { images: { index: number; key: string }[] };
let app: ScriptedApp;
const open = async (script: Script, settings: SettingsChange = {}) => {
  app = await openScriptedApp(script, settings);
  return app;
};
afterEach(async () => {
  expect(await app.broken()).toEqual([]);
  await app.close();
});

async function eventsOf(taskId: string): Promise<readonly TaskEvent[]> {
  return (await app.events.read(taskId, "0-0")).map(({ event }) => event);
}
const imagesIn = (events: readonly TaskEvent[], type: TaskEvent["type"]) =>
  events.flatMap((event) => (event.type === type && "image" in event ? [event.image.key] : []));

describe("what is told of images", () => {
  test("each one lands by itself: one is told and shown while the others are still made", async () => {
    const others = Promise.withResolvers<void>();
    const { createTask, run, store } = await open({
      "image-generator": async ({ images }: ImagesEvent) => {
        if (images[0]?.index !== 2) await others.promise;
        return { ok: true, result: made(images) };
      },
    });
    const id = await createTask(4);

    const running = run(id);
    await until(async () => imagesIn(await eventsOf(id), "task.image").length > 0);
    const meanwhile = await store.tasks.find(id);
    others.resolve();
    await running;

    expect(meanwhile?.images.map(({ key }) => key)).toEqual([`t/${id}/image-2.jpg`]);
    const shown = imagesIn(await eventsOf(id), "task.image");
    expect(shown[0]).toBe(`t/${id}/image-2.jpg`);
    expect(shown.toSorted()).toEqual([0, 1, 2, 3].map((index) => `t/${id}/image-${index}.jpg`));
  });

  test("each one comes once as it is delivered, and before as it was generated", async () => {
    const { createTask, runToEnd } = await open({});

    const task = await runToEnd(await createTask(2));

    const events = await eventsOf(task.id);
    const keys = (name: string) => [0, 1].map((index) => `t/${task.id}/${name}-${index}.jpg`);
    expect(imagesIn(events, "task.image.preview").toSorted()).toEqual(keys("generate"));
    expect(imagesIn(events, "task.image").toSorted()).toEqual(keys("image"));
  });

  test("one that cannot be post-processed comes once, as it was generated", async () => {
    const { createTask, runToEnd } = await open({
      "ai-image-processor": ({ action, to = "u/in/a.jpg" }: { action: string; to?: string }) => {
        if (action === "postprocess")
          throw new DrapeError("IMAGE_UNREADABLE", "no", { ran: "yes" });
        const facts = { width: 64, height: 64, bytes: 9, format: "jpeg", sourceBytes: 9 };
        return { ok: true, result: { key: to, ...facts } };
      },
    });

    const task = await runToEnd(await createTask(1));

    const key = `t/${task.id}/generate-0.jpg`;
    expect(imagesIn(await eventsOf(task.id), "task.image")).toEqual([key]);
    expect(task.images.map((image) => image.key)).toEqual([key]);
  });
});

describe("what is told of a call whose answer was lost", () => {
  test("an image is said to be in doubt, with the time until which it is looked for", async () => {
    let calls = 0;
    const { createTask, runToEnd, store, objects } = await open({
      "image-generator": ({ images }: ImagesEvent) => {
        calls += 1;
        if (calls > 1) return { ok: true, result: made(images) };
        throw new DrapeError("FUNCTION_FAILED", "status 500", { ran: "unknown" });
      },
    });
    const id = await createTask(1);
    const running = runToEnd(id);
    const inDoubt = async () =>
      (await eventsOf(id)).find(
        (event) => event.type === "task.step" && event.state === "in-doubt",
      );
    await until(async () => (await inDoubt()) !== undefined);
    const record = (await store.tasks.find(id))?.steps.find(({ step }) => step === "generate");
    objects.set(`t/${id}/generate-0.jpg`, 900);
    const task = await running;

    const untilMs = (record?.askedAtMs ?? 0) + (record?.askLimitMs ?? 0);
    expect(await inDoubt()).toMatchObject({ step: "generate", index: 0, untilMs });
    expect([task.status, task.attempts]).toEqual(["succeeded", 0]);
    expect(task.steps.find(({ step }) => step === "generate")?.asks).toBe(1);
  });

  test("a prompt too, and a reader meets no gap", async () => {
    const { createTask, runToEnd } = await open(
      {
        "prompt-generator": () => {
          throw new DrapeError("FUNCTION_FAILED", "status 500", { ran: "unknown" });
        },
      },
      {
        calls: {
          functionTimeoutMs: {
            "ai-image-processor": 20,
            "prompt-generator": 20,
            "image-generator": 20,
          },
        },
      },
    );

    const task = await runToEnd(await createTask(1));

    const logged = await app.events.read(task.id, "0-0");
    expect(logged.map(({ event }) => event)).toContainEqual(
      expect.objectContaining({ type: "task.step", step: "prompt", state: "in-doubt" }),
    );
    const versions = [...new Set(logged.map(({ id }) => Number(id.split("-")[0])))];
    expect(versions).toEqual(Array.from({ length: task.version - 1 }, (_, index) => index + 2));
  });
});
