import { afterEach, describe, expect, test } from "bun:test";
import { made, missed, openScriptedApp, type Script } from "../../tests/scripted-app.ts";
import { DrapeError } from "../model/errors.ts";
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

describe("what fails, and what that costs", () => {
  test("one of four images refused: partial, three charged", async () => {
    const refused = { code: "CONTENT_REJECTED", message: "The picture was refused.", ran: "yes" };
    const { createTask, runToEnd } = await open({
      "image-generator": ({ images }: ImagesEvent) => ({
        ok: true,
        result: images[0]?.index === 0 ? missed(images, refused) : made(images),
      }),
    });

    const task = await runToEnd(await createTask(4));

    expect([task.status, task.settled?.postedCredits, task.settled?.releasedCredits]).toEqual([
      "partial",
      32,
      10,
    ]);
    expect(task.error?.code).toBe("CONTENT_REJECTED");
  });

  test("each image is a call of its own, and one that failed for now is asked for again, alone", async () => {
    const busy = { code: "PROVIDER_BUSY", message: "busy", ran: "no" };
    const drawn: number[][] = [];
    const { createTask, runToEnd } = await open({
      "image-generator": ({ images }: ImagesEvent) => {
        drawn.push(images.map(({ index }) => index));
        const isFirst = drawn.flat().filter((index) => index === 0).length === 1;
        const fails = images[0]?.index === 0 && isFirst;
        return { ok: true, result: fails ? missed(images, busy) : made(images) };
      },
    });

    const task = await runToEnd(await createTask(3));

    expect(drawn.toSorted()).toEqual([[0], [0], [1], [2]]);
    expect([task.status, task.attempts]).toEqual(["succeeded", 0]);
  });

  test("a provider that fails for good: failed after three attempts, nothing charged", async () => {
    const failure = { code: "PROVIDER_FAILED", message: "down", ran: "no" };
    const { createTask, runToEnd } = await open({
      "image-generator": ({ images }: ImagesEvent) => ({
        ok: true,
        result: missed(images, failure),
      }),
    });

    const task = await runToEnd(await createTask(2));

    expect([task.status, task.settled?.postedCredits, task.error?.code]).toEqual([
      "failed",
      0,
      "PROVIDER_FAILED",
    ]);
    expect(task.attempts).toBe(2);
  });

  test("preprocess, prompt and post-process give way to something lesser, and say so", async () => {
    const { createTask, runToEnd } = await open({
      "ai-image-processor": (event: { action: string; to?: string }) => {
        if (event.action !== "import")
          throw new DrapeError("FUNCTION_FAILED", "no", { ran: "yes" });
        const facts = { width: 64, height: 64, bytes: 9, format: "jpeg", sourceBytes: 9 };
        return { ok: true, result: { key: "u/in/source.jpg", ...facts } };
      },
      "prompt-generator": () => {
        throw new DrapeError("FUNCTION_FAILED", "no", { ran: "yes" });
      },
    });

    const task = await runToEnd(await createTask(1));

    const degraded = task.steps.filter(({ state }) => state === "degraded").map(({ step }) => step);
    expect(degraded.sort()).toEqual(["postprocess", "preprocess", "prompt"]);
    expect([task.status, task.settled?.postedCredits, task.settled?.releasedCredits]).toEqual([
      "succeeded",
      10,
      2,
    ]);
  });

  test("an unreadable photo ends the task at once, before anything is paid", async () => {
    const failure = {
      code: "IMAGE_SOURCE_UNREACHABLE",
      message: "https://example.com/a.jpg cannot be read",
      ran: "no",
    };
    const { createTask, runToEnd, countOf } = await open({
      "ai-image-processor": () => ({ ok: false, failure }),
    });

    const task = await runToEnd(await createTask(2));

    expect([task.status, task.settled?.postedCredits]).toEqual(["failed", 0]);
    expect(task.error?.message).toContain("https://example.com/a.jpg");
    expect([countOf("prompt-generator"), countOf("image-generator")]).toEqual([0, 0]);
  });

  test("an open circuit makes a task wait: no attempt is spent, and it ends when the circuit closes", async () => {
    let sick = true;
    const { createTask, run, runToEnd, store, countOf } = await open(
      {
        "image-generator": (event: ImagesEvent) => {
          if (sick) throw new DrapeError("FUNCTION_FAILED", "it failed", { ran: "no" });
          return { ok: true, result: made(event.images) };
        },
      },
      { circuits: { circuitResetMs: 200 } },
    );
    const [first, second] = [await createTask(1), await createTask(1)];
    await run(first);
    await runToEnd(first);
    const callsBefore = countOf("image-generator");

    await run(second);
    const waiting = await store.tasks.find(second);
    const callsAfter = countOf("image-generator");
    sick = false;
    const task = await runToEnd(second);

    expect([waiting?.status, waiting?.attempts, waiting?.error?.code]).toEqual([
      "queued",
      0,
      "CIRCUIT_OPEN",
    ]);
    expect(callsAfter).toBe(callsBefore);
    expect([task.status, task.attempts]).toEqual(["succeeded", 0]);
  });

  test("a task whose attempt left the circuit open lets others probe it for three rests, and then for six", async () => {
    const restMs = 5_000;
    const { createTask, run, store } = await open(
      {
        "image-generator": () => {
          throw new DrapeError("FUNCTION_FAILED", "it failed", { ran: "no" });
        },
      },
      { circuits: { circuitResetMs: restMs } },
    );
    const waitOf = async (taskId: string) =>
      ((await store.tasks.find(taskId))?.availableAtMs ?? 0) - (await store.nowMs());
    const [early, probe] = [await createTask(1), await createTask(1)];

    await run(early);
    const stillClosed = await waitOf(early);
    await run(probe);
    const open3 = await waitOf(probe);

    expect(stillClosed).toBeLessThan(restMs);
    expect(open3).toBeGreaterThan(2.5 * restMs);
    expect(open3).toBeLessThanOrEqual(3 * restMs);
  });

  test("a function that is missing pauses the task: no attempt is spent, and it ends once it is back", async () => {
    let deployed = false;
    const { createTask, run, runToEnd, store } = await open({
      "prompt-generator": () => {
        if (!deployed)
          throw new DrapeError("FUNCTION_MISSING", "prompt-generator is not deployed", {
            ran: "no",
          });
        const draft = {
          garment: { type: "hat", colors: ["blue"], pattern: "plain" },
          promptZh: "蓝色帽子，摄影棚，优雅风格",
          promptEn: "A blue hat in a studio.",
        };
        return {
          ok: true,
          result: { ...draft, model: "m", usage: { promptTokens: 1, completionTokens: 1 } },
        };
      },
    });
    const taskId = await createTask(1);

    await run(taskId);
    const waiting = await store.tasks.find(taskId);
    deployed = true;
    const task = await runToEnd(taskId);

    expect([waiting?.status, waiting?.attempts, waiting?.error?.code]).toEqual([
      "queued",
      0,
      "FUNCTION_MISSING",
    ]);
    // What the operator has to mend is the operator's to read.
    expect(waiting?.error?.message).toStartWith("This is not available for now");
    expect([task.status, task.attempts]).toEqual(["succeeded", 0]);
  });
});
