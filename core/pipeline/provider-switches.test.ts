import { afterEach, describe, expect, test } from "bun:test";
import { made, openScriptedApp, type Script } from "../../tests/scripted-app.ts";
import { silentLog } from "../../tests/silent-log.ts";
import { degradationsOf } from "../model/task-results.ts";
import type { TaskRequest } from "../model/task.ts";

type ScriptedApp = Awaited<ReturnType<typeof openScriptedApp>>;
type ImagesEvent = { images: { index: number; key: string }[] };
let app: ScriptedApp;
const open = async (script: Script) => {
  app = await openScriptedApp(script);
  return app;
};
afterEach(async () => {
  expect(await app.broken()).toEqual([]);
  await app.close();
});

const unpaid = {
  from: "ark",
  code: "PROVIDER_UNPAID",
  to: "openai",
  providerCode: "AccountOverdueError",
  message: "The image model's account is overdue or closed.",
};
/** All pictures are made, those of `indexes` by openai; the size that was asked for is 1024x1024. */
const madeBy =
  (indexes: readonly number[], facts: object = { model: "gpt-image-1.5" }) =>
  ({ images }: ImagesEvent) => {
    const result = made(images);
    const square = { width: 1024, height: 1024, provider: "ark" };
    const own = { ...square, provider: "openai", ...facts };
    return {
      ok: true,
      result: {
        ...result,
        images: result.images.map((image) => ({
          ...image,
          ...(indexes.includes(image.index) ? own : square),
        })),
        switches: indexes.map((index) => ({ ...unpaid, index })),
      },
    };
  };
const draft = {
  garment: { type: "dress", colors: ["red"], pattern: "plain" },
  promptZh: "红色连衣裙，摄影棚，优雅风格，柔和光线",
  promptEn: "A red dress in a studio, elegant, soft light.",
  model: "doubao-seed-2-0-lite-260428",
  usage: { promptTokens: 1, completionTokens: 1 },
  switches: [{ from: "tokenhub", code: "PROVIDER_FAILED", to: "ark" }],
};
const generateOnly = (modelConfig?: { model: string }): TaskRequest => ({
  type: "GENERATE_ONLY",
  input: {
    prompt: "A red dress on the beach.",
    options: { size: "1024x1024", quality: "standard", n: 1 },
    modelConfig,
  },
});

describe("work that another provider did", () => {
  test("pictures count as done and are charged, and those concerned say who made them", async () => {
    const { createTask, runToEnd, events } = await open({ "image-generator": madeBy([1]) });

    const task = await runToEnd(await createTask(2));

    expect([task.status, task.settled?.postedCredits, task.images.length]).toEqual([
      "succeeded",
      22,
      2,
    ]);
    const switched = {
      step: "generate",
      index: 1,
      reason: "PROVIDER_UNPAID",
      usedInstead: "images by openai instead of ark",
      creditsReturned: 0,
    } as const;
    expect(degradationsOf(task)).toEqual([switched]);
    const seen = (await events.read(task.id, "0-0")).map(({ event }) => event);
    expect(seen).toContainEqual({ type: "task.degraded", degradation: switched });
    expect(seen).toContainEqual(
      expect.objectContaining({ type: "task.step", step: "generate", index: 1, state: "done" }),
    );
    expect(task.images.map(({ provider }) => provider)).toEqual(["ark", "openai"]);
  });

  test("a prompt counts as done and is charged, and says who wrote it", async () => {
    const { createTask, runToEnd } = await open({
      "prompt-generator": () => ({ ok: true, result: draft }),
    });

    const task = await runToEnd(await createTask(1));

    expect([task.status, task.settled?.postedCredits]).toEqual(["succeeded", 12]);
    expect(degradationsOf(task)).toEqual([
      {
        step: "prompt",
        index: 0,
        reason: "PROVIDER_FAILED",
        usedInstead: "the prompt by ark instead of tokenhub",
        creditsReturned: 0,
      },
    ]);
  });

  test("a prompt from the cache goes on saying who wrote it, and nobody is called for it", async () => {
    const opened = await open({ "prompt-generator": () => ({ ok: true, result: draft }) });
    const logged: string[] = [];
    opened.deps.log = { ...silentLog, info: (message) => void logged.push(message) };
    const request: TaskRequest = {
      type: "PROMPT_ONLY",
      input: {
        imageUrl: "https://example.com/a.jpg",
        sceneType: "studio",
        stylePreference: "elegant",
      },
    };
    const owner = await opened.createCustomer(10);

    const first = await opened.runToEnd(await opened.createTaskOf(request, owner));
    const second = await opened.runToEnd(await opened.createTaskOf(request, owner));

    expect(opened.countOf("prompt-generator")).toBe(1);
    expect(degradationsOf(second)).toEqual(degradationsOf(first));
    expect(degradationsOf(second)).toHaveLength(1);
    expect(logged.filter((message) => message.includes("helps out"))).toHaveLength(1);
  });

  test("a model that the customer chose and did not get is told, and so is a smaller size", async () => {
    const facts = { model: "gpt-image-1.5", width: 1024, height: 1536 };
    const { createTaskOf, runToEnd } = await open({ "image-generator": madeBy([0], facts) });

    const task = await runToEnd(
      await createTaskOf(generateOnly({ model: "doubao-Seedream-4-5-251128" })),
    );

    expect(task.settled?.postedCredits).toBe(10);
    expect(degradationsOf(task)).toMatchObject([
      {
        reason: "PROVIDER_UNPAID",
        usedInstead:
          "images by openai instead of ark, by its model gpt-image-1.5 instead of doubao-seedream-4-5-251128, made at 1024x1536",
      },
    ]);
  });

  const models: readonly (readonly [string, string, readonly string[]])[] = [
    ["given by who stands first", "gpt-image-1.5", ["MODEL_REPLACED"]],
    ["given as asked, under its other name", "doubao-seedream-5-0-lite-260128", []],
  ];
  for (const [name, model, reasons] of models) {
    test(`a model that the customer chose, ${name}: told when it is another`, async () => {
      const { createTaskOf, runToEnd } = await open({
        "image-generator": ({ images }: ImagesEvent) => {
          const result = made(images);
          return {
            ok: true,
            result: { ...result, images: result.images.map((image) => ({ ...image, model })) },
          };
        },
      });

      const chosen = generateOnly({ model: "doubao-seedream-5-0-260128" });
      const task = await runToEnd(await createTaskOf(chosen));
      const other = await runToEnd(await createTaskOf(generateOnly()));

      expect(degradationsOf(task).map(({ reason }) => reason)).toEqual([...reasons]);
      expect(degradationsOf(other)).toEqual([]);
    });
  }

  test("what an operator must mend is loud, once a call; what passes by itself is not", async () => {
    const loud: string[] = [];
    const quiet: string[] = [];
    const opened = await open({
      "image-generator": madeBy([0, 1, 2]),
      "prompt-generator": () => ({ ok: true, result: draft }),
    });
    opened.deps.log = {
      ...silentLog,
      failure: (message) => void loud.push(message),
      info: (message) => void quiet.push(message),
    };

    await opened.runToEnd(await opened.createTask(3));

    const words =
      "image-generator: openai helps out for ark: AccountOverdueError: The image model's account is overdue or closed.";
    expect(loud).toEqual([words]);
    expect(quiet.filter((message) => message.includes("helps out for tokenhub"))).toHaveLength(1);
  });
});
