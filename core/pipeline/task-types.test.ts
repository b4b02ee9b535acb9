import { afterEach, describe, expect, test } from "bun:test";
import { made, missed, openScriptedApp, processed, type Script } from "../../tests/scripted-app.ts";
import { DrapeError } from "../model/errors.ts";
import type { SettingsChange } from "../model/task-settings.ts";
import type { TaskRequest } from "../model/task.ts";

type ScriptedApp = Awaited<ReturnType<typeof openScriptedApp>>;
type BatchEvent = {
  action: string;
  source?: { url: string };
  images?: { from: string; to: string }[];
};
let app: ScriptedApp;
const open = async (script: Script, settings: SettingsChange = {}) => {
  app = await openScriptedApp(script, settings);
  return app;
};
afterEach(async () => {
  expect(await app.broken()).toEqual([]);
  await app.close();
});

const photo = (name: string) => `https://example.com/${name}.jpg`;
const prompt: TaskRequest = {
  type: "PROMPT_ONLY",
  input: {
    imageUrl: photo("a"),
    clothingType: "dress",
    stylePreference: "elegant",
    sceneType: "studio",
  },
};
const preprocess = (count: number): TaskRequest => ({
  type: "PREPROCESS_ONLY",
  input: {
    images: Array.from({ length: count }, (_, index) => photo(String(index))),
    options: { resize: { width: 800, height: 600, mode: "fit" }, format: "webp" },
  },
});
const picture = { width: 9, height: 9, bytes: 9, format: "jpeg" };
/** Another address is another picture. */
const imported = (url = "") => {
  const key = `u/in/${url.split("/").at(-1)}`;
  return { ok: true, result: { ...picture, key, sourceBytes: 9 } };
};

/** Answers `process` only; imports go well. */
const onProcess =
  (answer: (images: { from: string; to: string }[]) => unknown) =>
  ({ source, images }: BatchEvent) =>
    images === undefined ? imported(source?.url) : answer(images);

describe("a prompt alone", () => {
  test("is asked for with the garment's name, and no picture is", async () => {
    const { createTaskOf, runToEnd, calls, countOf } = await open({});

    const task = await runToEnd(await createTaskOf(prompt));

    expect([task.status, task.settled?.postedCredits]).toEqual(["succeeded", 1]);
    expect(calls.find(({ name }) => name === "prompt-generator")?.event).toMatchObject({
      clothingType: "dress",
      scene: { id: "studio" },
      images: ["u/in/a.jpg"],
    });
    expect(countOf("image-generator")).toBe(0);
  });

  test("has no template for a replacement: failed when its attempts are spent, and free", async () => {
    const { createTaskOf, runToEnd } = await open({
      "prompt-generator": () => {
        throw new DrapeError("PROVIDER_FAILED", "no", { ran: "no" });
      },
    });

    const task = await runToEnd(await createTaskOf(prompt));

    expect([task.status, task.error?.code, task.attempts]).toEqual([
      "failed",
      "PROVIDER_FAILED",
      2,
    ]);
    expect(task.settled).toEqual({ postedCredits: 0, releasedCredits: 1 });
  });

  test("waits while the circuit is open, and spends nothing", async () => {
    let sick = true;
    const { createTaskOf, run, runToEnd, store, deps } = await open(
      {
        "prompt-generator": () => {
          if (sick) throw new DrapeError("FUNCTION_FAILED", "no", { ran: "no" });
          const garment = { type: "dress", colors: ["red"], pattern: "plain" };
          const draft = { garment, promptZh: "红色连衣裙，摄影棚，优雅", promptEn: "A red dress." };
          const usage = { promptTokens: 1, completionTokens: 1 };
          return { ok: true, result: { ...draft, avoid: [], model: "m", usage } };
        },
      },
      { circuits: { circuitResetMs: 500 } },
    );
    const [first, second] = [await createTaskOf(prompt), await createTaskOf(prompt)];
    await run(first);
    app.advance(60_000);
    await run(first);
    const circuit = deps.invoker.health("prompt-generator").circuit;

    await run(second);
    const waiting = await store.tasks.find(second);
    sick = false;
    const task = await runToEnd(second);

    expect(circuit).toBe("open");
    expect([waiting?.status, waiting?.attempts, waiting?.error?.code]).toEqual([
      "queued",
      0,
      "CIRCUIT_OPEN",
    ]);
    expect([task.status, task.attempts]).toEqual(["succeeded", 0]);
    await app.runToEnd(first);
  });
});

describe("photos alone", () => {
  test("are sent a few a call, each to a key of its own, as the options say", async () => {
    const { createTaskOf, runToEnd, calls } = await open({});

    const task = await runToEnd(await createTaskOf(preprocess(6)));

    const batches = calls.flatMap(({ event }) => (event as BatchEvent).images ?? []);
    expect([task.status, task.settled?.postedCredits]).toEqual(["succeeded", 6]);
    expect(new Set(batches.map(({ to }) => to)).size).toBe(6);
    expect(batches[0]?.to).toBe(`t/${task.id}/processed-0.webp`);
    expect(batches[0]).toMatchObject({ operations: { format: "webp", resize: { width: 800 } } });
    expect(calls.filter(({ event }) => (event as BatchEvent).action === "process")).toHaveLength(2);
  });

  test("one that is refused is missed and its price returns; one that failed for now is asked for again, alone", async () => {
    const drawn: string[][] = [];
    const refused = { code: "IMAGE_TOO_LARGE", message: "too large", ran: "no" };
    const busy = { code: "STORAGE_FAILED", message: "busy", ran: "no" };
    const { createTaskOf, runToEnd } = await open({
      "ai-image-processor": onProcess((images) => {
        drawn.push(images.map(({ to }) => to.replace(/.*-(\d)\.webp/, "$1")));
        const { items } = processed(images);
        if (drawn.length > 1) return { ok: true, result: { items } };
        const [good] = items;
        const bad = [refused, busy].map((failure) => ({ ok: false, failure }));
        return { ok: true, result: { items: [...bad, good] } };
      }),
    });

    const task = await runToEnd(await createTaskOf(preprocess(3)));

    expect(drawn).toEqual([["0", "1", "2"], ["1"]]);
    expect([task.status, task.attempts, task.error?.code]).toEqual([
      "partial",
      1,
      "IMAGE_TOO_LARGE",
    ]);
    expect(task.settled).toEqual({ postedCredits: 2, releasedCredits: 1 });
  });

  test("a store that refuses our keys for every photo pauses the function and spends nothing", async () => {
    let broken = true;
    const failure = { code: "STORAGE_CREDENTIALS", message: "keys refused", ran: "no" };
    const { createTaskOf, run, runToEnd, store } = await open({
      "ai-image-processor": onProcess((images) =>
        broken
          ? { ok: true, result: { items: images.map(() => ({ ok: false, failure })) } }
          : { ok: true, result: processed(images) },
      ),
    });
    const taskId = await createTaskOf(preprocess(2));

    await run(taskId);
    const waiting = await store.tasks.find(taskId);
    const paused = await store.settings.get("pause:ai-image-processor");
    broken = false;
    const task = await runToEnd(taskId);

    expect([waiting?.status, waiting?.attempts]).toEqual(["queued", 0]);
    expect(paused).toContain("STORAGE_CREDENTIALS");
    expect([task.status, task.attempts]).toEqual(["succeeded", 0]);
  });

  test("an answer for another number of photos is none", async () => {
    const { createTaskOf, runToEnd } = await open({
      "ai-image-processor": onProcess((images) => ({
        ok: true,
        result: processed(images.slice(1)),
      })),
    });

    const task = await runToEnd(await createTaskOf(preprocess(2)));

    expect([task.status, task.error?.code]).toEqual(["failed", "FUNCTION_ANSWER_INVALID"]);
  });
});

describe("pictures from a prompt of the customer's own", () => {
  const generate = (model?: string): TaskRequest => ({
    type: "GENERATE_ONLY",
    input: {
      prompt: "红色连衣裙",
      referenceImages: [photo("a")],
      options: { size: "1024x1024", quality: "fast", n: 2 },
      ...(model === undefined ? {} : { modelConfig: { model } }),
    },
  });

  test("the prompt goes as it is, the model in lower case, the references as they came", async () => {
    const { createTaskOf, runToEnd, calls } = await open({});

    const task = await runToEnd(await createTaskOf(generate("Doubao-SEEDREAM-4-0-250828")));

    expect([task.status, task.settled?.postedCredits]).toEqual(["succeeded", 20]);
    expect(calls.map(({ name }) => name)).not.toContain("prompt-generator");
    expect(calls.find(({ name }) => name === "image-generator")?.event).toMatchObject({
      model: "doubao-seedream-4-0-250828",
      prompt: "红色连衣裙",
      optimizeMode: "fast",
      referenceKeys: ["u/in/a.jpg"],
    });
  });

  test("all reference photos go to the image model, in their order, and as many of them as it may to the prompt's", async () => {
    const { createTaskOf, runToEnd, calls } = await open({
      "ai-image-processor": ({ source, to }: { source?: { url: string }; to?: string }) => {
        const key = to ?? `u/in/${source?.url.at(-5)}.jpg`;
        const facts = { width: 64, height: 64, bytes: 9, format: "jpeg", sourceBytes: 9 };
        return { ok: true, result: { key, ...facts } };
      },
    });
    const photos = Array.from({ length: 6 }, (_, at) => `https://example.com/${at}.jpg`);
    const options = { size: "1024x1024", quality: "standard", n: 1 } as const;
    const given = { prompt: "A red dress.", referenceImages: photos, options };
    const whole = {
      clothingImages: photos,
      sceneType: "studio",
      stylePreference: "elegant",
      options,
    };

    await runToEnd(await createTaskOf({ type: "GENERATE_ONLY", input: given }));
    const full = await runToEnd(await createTaskOf({ type: "FULL_GENERATION", input: whole }));

    const eventsOf = (name: string) =>
      calls.flatMap((call) => (call.name === name ? [call.event] : []));
    const prepared = photos.map((_, at) => `t/${full.id}/preprocess-${at}.jpg`);
    expect(eventsOf("image-generator")).toMatchObject([
      { referenceKeys: photos.map((_, at) => `u/in/${at}.jpg`) },
      { referenceKeys: prepared },
    ]);
    expect(eventsOf("prompt-generator")).toMatchObject([{ images: prepared.slice(0, 4) }]);
  });

  test("without a model it is the configured one; one of two refused: partial", async () => {
    const failure = { code: "CONTENT_REJECTED", message: "refused", ran: "yes" };
    const { createTaskOf, runToEnd, calls } = await open(
      {
        "image-generator": ({ images }: { images: { index: number; key: string }[] }) => {
          const isRefused = images[0]?.index === 0;
          return { ok: true, result: isRefused ? missed(images, failure) : made(images) };
        },
      },
      { imageModel: "doubao-seedream-4-5-251128" },
    );

    const task = await runToEnd(await createTaskOf(generate()));

    expect([task.status, task.settled?.postedCredits]).toEqual(["partial", 10]);
    expect(calls.find(({ name }) => name === "image-generator")?.event).toMatchObject({
      model: "doubao-seedream-4-5-251128",
    });
  });
});
