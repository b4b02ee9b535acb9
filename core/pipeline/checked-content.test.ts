import { afterEach, describe, expect, test } from "bun:test";
import { made, openScriptedApp, processed, type Script } from "../../tests/scripted-app.ts";
import type { Moderation } from "../moderation/moderate-content.ts";
import { DrapeError } from "../model/errors.ts";
import { BEFORE_FIRST_EVENT } from "../ports/event-log.ts";
import type { TaskRequest } from "../model/task.ts";

type ScriptedApp = Awaited<ReturnType<typeof openScriptedApp>>;
let app: ScriptedApp;
afterEach(async () => {
  expect(await app.broken()).toEqual([]);
  await app.close();
});

const rejected = new DrapeError("CONTENT_REJECTED", "The content check rejected it (Porn).");
const away = new DrapeError("CONTENT_CHECK_FAILED", "The content check cannot be reached.");

/** An app whose moderation answers as it is told; `checked` has what it was asked about. */
async function open(answer: (about: string) => DrapeError | string | null, script: Script = {}) {
  app = await openScriptedApp(script);
  const checked: string[] = [];
  const judge = async (content: string) => {
    checked.push(content);
    const said = answer(content);
    if (said instanceof DrapeError) throw said;
    return { doubt: said };
  };
  const moderation: Moderation = { words: judge, picture: judge };
  app.deps.moderation = moderation;
  return { ...app, checked };
}

/** As the real function: what is stored already is given back and not paid for again. */
function shop() {
  const generated: string[] = [];
  const script: Script = {
    "image-generator": ({ images }: { images: { index: number; key: string }[] }) => {
      for (const { key } of images) {
        if (!app.objects.has(key)) generated.push(key);
        app.objects.set(key, 900);
      }
      return { ok: true, result: made(images) };
    },
  };
  return { generated, script };
}

const options = { size: "1024x1024", quality: "standard", n: 2 } as const;
const generate: TaskRequest = { type: "GENERATE_ONLY", input: { prompt: "some words", options } };
const preprocess = (count: number, watermark?: string | { imageKey: string }): TaskRequest => ({
  type: "PREPROCESS_ONLY",
  input: {
    images: Array.from({ length: count }, (_, at) => `https://example.com/${at}.jpg`),
    options: watermark === undefined ? {} : { watermark },
  },
});
const prompt: TaskRequest = {
  type: "PROMPT_ONLY",
  input: {
    imageUrl: "https://example.com/a.jpg",
    clothingType: "some words",
    sceneType: "studio",
    stylePreference: "elegant",
  },
};

describe("the customer's own words", () => {
  for (const request of [generate, prompt, preprocess(1, "some words")]) {
    test(`of ${request.type} that are rejected end the task before anything is called or paid`, async () => {
      const { createTaskOf, runToEnd, checked, calls } = await open((about) =>
        about === "some words" ? rejected : null,
      );

      const task = await runToEnd(await createTaskOf(request));

      expect([task.status, task.error?.code, task.settled?.postedCredits]).toEqual([
        "failed",
        "CONTENT_REJECTED",
        0,
      ]);
      expect([checked, calls]).toEqual([["some words"], []]);
    });
  }
});

type LogoEvent = { source?: { key?: string }; images?: { to: string }[] };

describe("the picture of a watermark", () => {
  const imageKey = "u/anna/up/logo.png";
  const content = "u/anna/in/by-its-content.png";
  const script: Script = {
    "ai-image-processor": ({ source, images }: LogoEvent) => {
      const key = source?.key === imageKey ? content : "u/in/photo.jpg";
      const imported = { key, width: 64, height: 64, bytes: 900, format: "png", sourceBytes: 900 };
      return { ok: true, result: images === undefined ? imported : processed(images) };
    },
  };

  test("that is rejected ends the task before anything is made", async () => {
    const { createTaskOf, runToEnd, calls } = await open(
      (about) => (about === content ? rejected : null),
      script,
    );

    const task = await runToEnd(await createTaskOf(preprocess(1, { imageKey })));

    expect([task.status, task.error?.code, calls.length]).toEqual([
      "failed",
      "CONTENT_REJECTED",
      1,
    ]);
  });

  test("is put on the photos as it was checked, whatever is uploaded to its place meanwhile", async () => {
    const { createTaskOf, runToEnd, calls, checked } = await open(() => null, script);

    const task = await runToEnd(await createTaskOf(preprocess(1, { imageKey })));

    expect([task.status, checked[0]]).toEqual(["succeeded", content]);
    expect(calls.at(-1)?.event).toMatchObject({
      images: [{ operations: { watermark: { imageKey: content } } }],
    });
  });
});

describe("a photo", () => {
  test("that is rejected ends a generation before anything is paid", async () => {
    const { createTask, runToEnd, countOf } = await open((about) =>
      about.startsWith("u/") ? rejected : null,
    );

    const task = await runToEnd(await createTask(2));

    expect([task.status, task.error?.code]).toEqual(["failed", "CONTENT_REJECTED"]);
    expect([countOf("prompt-generator"), countOf("image-generator")]).toEqual([0, 0]);
    expect(task.settled?.postedCredits).toBe(0);
  });

  test("that is rejected among others is missed alone, and its price returns", async () => {
    const script: Script = {
      "ai-image-processor": ({ action, source, images = [] }: ProcessorEvent) => {
        if (action === "process") return { ok: true, result: processed(images) };
        const key = `u/in/${source?.url.at(-5)}.jpg`;
        return { ok: true, result: { key, ...picture } };
      },
    };
    const { createTaskOf, runToEnd } = await open(
      (about) => (about === "u/in/1.jpg" ? rejected : null),
      script,
    );

    const task = await runToEnd(await createTaskOf(preprocess(3)));

    expect([task.status, task.error?.code]).toEqual(["partial", "CONTENT_REJECTED"]);
    expect(task.settled).toEqual({ postedCredits: 2, releasedCredits: 1 });
    const missed = task.steps.filter(({ state }) => state === "missed");
    expect(missed.map(({ step, index }) => `${step} ${index}`).sort()).toEqual([
      "import 1",
      "preprocess 1",
    ]);
  });

  test("is checked once, however often its task is tried, and a doubt about it is kept", async () => {
    let tries = 0;
    const { createTask, runToEnd, checked } = await open(() => "Ad", {
      "image-generator": ({ images }: { images: { index: number; key: string }[] }) => {
        tries += 1;
        if (tries === 1) throw new DrapeError("FUNCTION_FAILED", "it failed", { ran: "no" });
        return { ok: true, result: made(images) };
      },
    });

    const task = await runToEnd(await createTask(1));

    expect(task.status).toBe("succeeded");
    expect(checked.filter((about) => about.startsWith("u/"))).toHaveLength(1);
    for (const step of ["import", "generate"]) {
      const record = task.steps.find((one) => one.step === step);
      expect(record?.result).toMatchObject({ doubt: "Ad" });
    }
  });

  test("that is larger than the service takes is checked by a smaller copy, named by its content", async () => {
    const script: Script = {
      "ai-image-processor": ({ action, to = "u/in/large.jpg" }: ProcessorEvent) => ({
        ok: true,
        result: { key: to, ...picture, bytes: action === "import" ? 12_000_000 : 900 },
      }),
    };
    const { createTask, runToEnd, checked } = await open(() => null, script);

    await runToEnd(await createTask(1));

    expect(checked[0]).toBe("u/in/large.jpg-check.jpg");
  });
});

describe("a generated image", () => {
  test("that is rejected is not shown, not delivered and not charged", async () => {
    const { createTask, runToEnd, events } = await open((about) =>
      about.includes("generate-1") ? rejected : null,
    );

    const id = await createTask(2);
    const task = await runToEnd(id);

    expect([task.status, task.error?.code]).toEqual(["partial", "CONTENT_REJECTED"]);
    expect(task.images.map(({ index }) => index)).toEqual([0]);
    // Two of preparation, ten for the one image.
    expect(task.settled).toEqual({ postedCredits: 12, releasedCredits: 10 });
    const published = JSON.stringify(await events.read(id, BEFORE_FIRST_EVENT));
    expect(published).toContain("image-0.jpg");
    expect(published).not.toMatch(/(generate|image)-1\.jpg/);
  });

  test("all of which are rejected fail the task, and it is free", async () => {
    const { createTask, runToEnd, countOf } = await open((about) =>
      about.includes("generate-") ? rejected : null,
    );

    const task = await runToEnd(await createTask(2));

    expect([task.status, task.settled?.postedCredits, task.images]).toEqual(["failed", 0, []]);
    expect(countOf("image-generator")).toBe(2);
  });

  test("that cannot be checked waits: nothing is shown or charged, and it is bought once", async () => {
    const { generated, script } = shop();
    let isAway = true;
    const { createTask, run, runToEnd, store } = await open(
      (about) => (isAway && about.includes("generate-1") ? away : null),
      script,
    );
    const id = await createTask(2);

    await run(id);
    const waiting = await store.tasks.find(id);
    isAway = false;
    const task = await runToEnd(id);

    expect([waiting?.status, waiting?.attempts]).toEqual(["queued", 0]);
    expect(waiting?.images.map(({ index }) => index)).toEqual([0]);
    expect([task.status, task.images.length]).toEqual(["succeeded", 2]);
    expect(generated).toHaveLength(2);
    const counts = task.steps.filter(({ step }) => step === "generate").map((step) => step.asks);
    expect(counts).toEqual([1, 1]);
  });

  test("that could not be checked until the deadline is neither delivered nor charged", async () => {
    const { generated, script } = shop();
    const { createTask, run, store, advance } = await open(
      (about) => (about.includes("generate-") ? away : null),
      script,
    );
    const id = await createTask(1);
    await run(id);

    advance(7_200_000);
    await store.tasks.settle({
      taskId: id,
      fence: null,
      ending: "expired",
      error: null,
      actor: "system",
    });

    const task = await store.tasks.find(id);
    expect([task?.status, task?.images, task?.settled?.postedCredits]).toEqual(["expired", [], 0]);
    expect(generated).toHaveLength(1);
  });
});

type ProcessorEvent = {
  readonly action: string;
  readonly to?: string;
  readonly source?: { readonly url: string };
  readonly images?: { to: string }[];
};
const picture = { width: 64, height: 64, bytes: 900, format: "jpeg", sourceBytes: 900 };
