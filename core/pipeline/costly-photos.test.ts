import { afterEach, describe, expect, test } from "bun:test";
import { openScriptedApp, processed, type Script } from "../../tests/scripted-app.ts";
import { DrapeError, type Crash } from "../model/errors.ts";
import type { SettingsChange } from "../model/task-settings.ts";
import type { TaskRequest } from "../model/task.ts";

type ScriptedApp = Awaited<ReturnType<typeof openScriptedApp>>;
type ProcessorEvent = {
  readonly action: string;
  readonly source?: { readonly url: string };
  readonly from?: string;
  readonly to?: string;
  readonly images?: readonly { readonly from: string; readonly to: string }[];
};

const NAME = "ai-image-processor";
const picture = { width: 64, height: 64, bytes: 9, format: "jpeg", sourceBytes: 9 };
let app: ScriptedApp;
let isHealthy = false;
afterEach(async () => {
  expect(await app.broken()).toEqual([]);
  await app.close();
});

/** Instances die over each call that works on a photo whose address says so, until the function is `isHealthy`. */
async function openWith(crash: Crash, settings: SettingsChange = {}) {
  isHealthy = false;
  const script: Script = {
    [NAME]: ({ action, source, from, to, images }: ProcessorEvent) => {
      const worked = [source?.url ?? from ?? "", ...(images ?? []).map((image) => image.from)];
      if (action !== "import" && !isHealthy && worked.some((name) => name.includes("heavy"))) {
        throw new DrapeError("FUNCTION_FAILED", "its instance ended", { ran: "yes", crash });
      }
      if (images !== undefined) return { ok: true, result: processed(images) };
      const key = to ?? `u/in/${source?.url.split("/").at(-1)}`;
      return { ok: true, result: { ...picture, key } };
    },
  };
  app = await openScriptedApp(script, settings);
  return app;
}

const preprocess = (...names: readonly string[]): TaskRequest => ({
  type: "PREPROCESS_ONLY",
  input: {
    images: names.map((name) => `https://photos.example/${name}`),
    options: { resize: { width: 800, height: 600, mode: "fit" } },
  },
});

describe.each(["killed", "timed-out"] as const)("a photo over which instances end: %s", (crash) => {
  test("in a batch it is tried once more alone, missed by its name, and the others are delivered", async () => {
    const { createTaskOf, runToEnd, calls } = await openWith(crash);

    const task = await runToEnd(
      await createTaskOf(preprocess("a.jpg", "heavy.png", "c.jpg", "d.jpg")),
    );

    const batches = calls.flatMap(({ event }) => {
      const { images } = event as ProcessorEvent;
      return images === undefined ? [] : [images.length];
    });
    expect(batches).toEqual([4, 1, 1, 1, 1]);
    expect([task.status, task.attempts, task.settled?.postedCredits]).toEqual(["partial", 0, 3]);
    expect(task.error).toMatchObject({ code: "IMAGE_TOO_COSTLY", pointer: "/images/1" });
    expect(task.error?.message).toStartWith("Photo 2 (https://photos.example/heavy.png): It takes");
  });

  test("alone it is tried twice and missed, and the function goes on for everybody", async () => {
    const { createTaskOf, createCustomer, runToEnd, countOf, deps } = await openWith(crash);
    const owner = await createCustomer(100);

    for (let count = 0; count < 6; count += 1) {
      const task = await runToEnd(await createTaskOf(preprocess(`heavy-${count}.png`), owner));
      expect([task.status, task.error?.code]).toEqual(["failed", "IMAGE_TOO_COSTLY"]);
      expect(task.settled).toEqual({ postedCredits: 0, releasedCredits: 1 });
    }

    expect(countOf(NAME)).toBe(6 * 3);
    expect(deps.invoker.health(NAME)).toMatchObject({ circuit: "closed", lastError: null });
    const other = await runToEnd(await createTaskOf(preprocess("a.jpg")));
    expect(other.status).toBe("succeeded");
  });

  test("of three customers they are an outage: the circuit opens, and no photo is blamed", async () => {
    const { createTaskOf, run, runToEnd, store, deps } = await openWith(crash);
    const ids = await Promise.all(
      [1, 2, 3].map((nth) => createTaskOf(preprocess(`heavy-${nth}.png`))),
    );

    await Promise.all(ids.map((id) => run(id)));
    const waiting = await Promise.all(ids.map((id) => store.tasks.find(id)));
    const whileOpen = deps.invoker.health(NAME);
    isHealthy = true;
    const tasks = await Promise.all(ids.map((id) => runToEnd(id)));

    expect(waiting.map((task) => task?.status)).toEqual(["queued", "queued", "queued"]);
    expect(whileOpen.circuit).toBe("open");
    expect(tasks.map(({ status }) => status)).toEqual(["succeeded", "succeeded", "succeeded"]);
  });

  test("that passed before says that it is the function: the circuit opens, and it is not blamed", async () => {
    const { createTaskOf, run, runToEnd, deps } = await openWith(crash);
    isHealthy = true;
    await runToEnd(await createTaskOf(preprocess("heavy.png")));
    isHealthy = false;
    const again = await createTaskOf(preprocess("heavy.png"));

    await run(again);
    const whileOpen = deps.invoker.health(NAME);
    isHealthy = true;
    const task = await runToEnd(again);

    expect(whileOpen.circuit).toBe("open");
    expect(task.status).toBe("succeeded");
  });
});

test("another picture at an address that was good before is no outage: the circuit stays closed", async () => {
  let isHeavy = false;
  app = await openScriptedApp({
    [NAME]: ({ action, to, images }: ProcessorEvent) => {
      if (action === "import" && isHeavy) {
        throw new DrapeError("FUNCTION_FAILED", "its instance ended", {
          ran: "yes",
          crash: "killed",
        });
      }
      if (images !== undefined) return { ok: true, result: processed(images) };
      return { ok: true, result: { ...picture, key: to ?? "u/in/a.jpg" } };
    },
  });
  const { createTaskOf, runToEnd, deps } = app;
  await runToEnd(await createTaskOf(preprocess("a.jpg")));
  isHeavy = true;

  const task = await runToEnd(await createTaskOf(preprocess("a.jpg")));

  expect(task.error?.code).toBe("IMAGE_TOO_COSTLY");
  expect(deps.invoker.health(NAME).circuit).toBe("closed");
});

test("in an outage a step that waits for its circuit dies twice, and its photo is not blamed", async () => {
  const { createTaskOf, runToEnd } = await openWith("killed", {
    circuits: { circuitPatienceMs: 1_000 },
  });
  const request: TaskRequest = {
    type: "FULL_GENERATION",
    input: {
      clothingImages: ["https://photos.example/heavy.png"],
      sceneType: "studio",
      stylePreference: "elegant",
      options: { size: "1024x1024", quality: "standard", n: 1 },
    },
  };
  isHealthy = true;
  await runToEnd(await createTaskOf(request));
  isHealthy = false;

  const task = await runToEnd(await createTaskOf(request));

  const prepared = task.steps.find(({ step }) => step === "preprocess");
  expect([prepared?.state, prepared?.result]).toEqual([
    "degraded",
    expect.objectContaining({ reason: "FUNCTION_FAILED" }),
  ]);
});

test("a function that throws over one customer's photos is sick for that customer alone", async () => {
  const { createTaskOf, createCustomer, runToEnd, deps } = await openWith("threw");
  const owner = await createCustomer(100);

  for (let count = 0; count < 3; count += 1) {
    const task = await runToEnd(await createTaskOf(preprocess(`heavy-${count}.png`), owner));
    expect([task.status, task.error?.code]).toEqual(["failed", "FUNCTION_FAILED"]);
  }

  expect(deps.invoker.health(NAME).circuit).toBe("closed");
});

test("a photo of a whole batch that came to nothing in time is tried alone", async () => {
  const late = { code: "FUNCTION_TIMEOUT", message: "there was no time left", ran: "no" };
  app = await openScriptedApp({
    [NAME]: ({ source, images }: ProcessorEvent) => {
      if (images === undefined) {
        const key = `u/in/${source?.url.split("/").at(-1)}`;
        return { ok: true, result: { ...picture, key } };
      }
      const [made] = processed(images.slice(0, 1)).items;
      const rest = images.slice(1).map(() => ({ ok: false, failure: late }));
      return { ok: true, result: { items: [made, ...rest] } };
    },
  });
  const { createTaskOf, runToEnd, countOf } = app;

  const task = await runToEnd(await createTaskOf(preprocess("a.jpg", "b.jpg", "c.jpg")));

  expect([task.status, task.attempts, countOf(NAME)]).toEqual(["succeeded", 0, 3 + 1 + 2]);
});

describe("what a task's error says", () => {
  test("names the photo by its number and the customer's own address, with its pointer", async () => {
    const gone = { code: "IMAGE_UNREADABLE", message: "The picture is damaged.", ran: "no" };
    app = await openScriptedApp({
      [NAME]: ({ source, images = [] }: ProcessorEvent) => {
        if (source === undefined) return { ok: true, result: processed(images) };
        if (source.url.includes("bad")) return { ok: false, failure: gone };
        return { ok: true, result: { ...picture, key: "u/in/x.jpg" } };
      },
    });
    const { createTaskOf, runToEnd } = app;

    const one = await runToEnd(await createTaskOf(preprocess("a.jpg", "b.jpg", "bad-1.jpg")));
    const many = await runToEnd(
      await createTaskOf(preprocess("bad-1.jpg", "bad-2.jpg", "a.jpg", "bad-3.jpg", "bad-4.jpg")),
    );

    expect(one.error).toEqual({
      code: "IMAGE_UNREADABLE",
      message: "Photo 3 (https://photos.example/bad-1.jpg): The picture is damaged.",
      retryable: false,
      pointer: "/images/2",
    });
    expect(many.error?.message).toEndWith(
      "Photo 4 (https://photos.example/bad-3.jpg): The picture is damaged. 1 more photos",
    );
  });
});
