import { afterEach, describe, expect, test } from "bun:test";
import { openScriptedApp, type Script } from "../../tests/scripted-app.ts";
import { findStep } from "../model/step-results.ts";
import type { TaskRequest } from "../model/task.ts";
import { promptOf } from "../model/task-results.ts";

type ScriptedApp = Awaited<ReturnType<typeof openScriptedApp>>;
let app: ScriptedApp;
afterEach(async () => {
  expect(await app.broken()).toEqual([]);
  await app.close();
});

const draft = {
  garment: { type: "dress", colors: ["red"], pattern: "solid" },
  promptZh: "红色连衣裙，摄影棚，优雅风格，柔和光线",
  promptEn: "A red dress in a studio, elegant, soft light.",
  model: "scripted",
  usage: { promptTokens: 100, completionTokens: 10 },
};
const hash = (bits: string) => bits.padEnd(64, "0") + "80".repeat(192);
type ImportEvent = { action: string; source: { url: string }; to?: string };
const picture = { width: 64, height: 64, bytes: 900, format: "jpeg", sourceBytes: 900 };
/** Each address is a photo of its own; those with `like` in them look the same. */
const imports = ({ action, source, to }: ImportEvent) => {
  if (action !== "import") return { ok: true, result: { key: to, ...picture } };
  const { url } = source;
  const name = url.slice(url.lastIndexOf("/") + 1);
  const perceptualHash = hash(name.includes("like") ? "f" : "f".repeat(20));
  return { ok: true, result: { key: `u/in/${name}`, ...picture, perceptualHash } };
};

const request = (name: string, change: object = {}): TaskRequest => ({
  type: "PROMPT_ONLY",
  input: {
    imageUrl: `https://example.com/${name}.jpg`,
    sceneType: "studio",
    stylePreference: "elegant",
    ...change,
  },
});

async function open(prompt: () => unknown = () => ({ ok: true, result: draft })) {
  const script: Script = { "ai-image-processor": imports, "prompt-generator": prompt };
  app = await openScriptedApp(script);
  return app;
}

describe("prompts from the cache", () => {
  test("a hundred equal tasks at once make one call, and each customer's prompt costs its price", async () => {
    const { createTaskOf, createCustomer, runToEnd, countOf } = await open(async () => {
      await new Promise(setImmediate);
      return { ok: true, result: draft };
    });
    const owner = await createCustomer(100);
    const ids: string[] = [];
    for (let at = 0; at < 100; at += 1) ids.push(await createTaskOf(request("like-1"), owner));

    const tasks = await Promise.all(ids.map(runToEnd));

    expect(countOf("prompt-generator")).toBe(1);
    for (const task of tasks) {
      expect([task.status, task.settled?.postedCredits]).toEqual(["succeeded", 1]);
      expect(promptOf(task)?.promptEn).toBe(draft.promptEn);
    }
    expect((await app.store.credits.balance(owner))?.available).toBe(0);
  });

  test("a later task finds the prompt, of the same photo or one that looks the same", async () => {
    const { createTaskOf, createCustomer, runToEnd, countOf } = await open();
    const owner = await createCustomer(100);
    const cachedOf = async (name: string) => {
      const task = await runToEnd(await createTaskOf(request(name), owner));
      const prompt = findStep(task.steps, "prompt");
      return prompt?.state === "done" ? prompt.result.cached : null;
    };

    const cached = [];
    for (const name of ["like-1", "like-1", "like-2", "other"]) cached.push(await cachedOf(name));

    expect(cached).toEqual([undefined, "exact", "similar", undefined]);
    expect(countOf("prompt-generator")).toBe(2);
  });

  test("another customer, scene or garment has its own prompt written", async () => {
    const { createTaskOf, createCustomer, runToEnd, countOf } = await open();
    const [owner, other] = [await createCustomer(100), await createCustomer(100)];

    await runToEnd(await createTaskOf(request("like-1"), owner));
    await runToEnd(await createTaskOf(request("like-1"), other));
    await runToEnd(await createTaskOf(request("like-1", { sceneType: "beach" }), owner));
    await runToEnd(await createTaskOf(request("like-1", { clothingType: "连衣裙" }), owner));
    await runToEnd(await createTaskOf(request("like-1", { clothingType: "Dress" }), owner));

    // The last two are one word of the vocabulary.
    expect(countOf("prompt-generator")).toBe(4);
    const { event } = app.calls.findLast(({ name }) => name === "prompt-generator") ?? {};
    expect(event).toMatchObject({ garment: { id: "dress", en: "dress", zh: "连衣裙" } });
    expect((event as { garmentTypes: string[] }).garmentTypes).toContain("skirt");
  });

  test("a task that is canceled while it waits for another's prompt ends without it", async () => {
    let answer = (): void => undefined;
    const { createTaskOf, createCustomer, run, countOf, store } = await open(async () => {
      await new Promise<void>((resolve) => (answer = resolve));
      return { ok: true, result: draft };
    });
    const owner = await createCustomer(100);
    const [first, second] = [
      await createTaskOf(request("like-1"), owner),
      await createTaskOf(request("like-1"), owner),
    ];
    const stop = new AbortController();

    const maker = run(first);
    while (countOf("prompt-generator") === 0) await new Promise(setImmediate);
    const waiting = run(second, stop.signal);
    while ((await store.tasks.find(second))?.steps.length === 0) await new Promise(setImmediate);
    stop.abort(new Error("the worker is stopping"));
    await waiting;
    answer();
    await maker;

    expect((await store.tasks.find(first))?.status).toBe("succeeded");
    expect((await store.tasks.find(second))?.settled).toBeNull();
    expect(countOf("prompt-generator")).toBe(1);
  });
});
