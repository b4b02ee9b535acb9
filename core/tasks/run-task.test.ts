import { afterEach, describe, expect, test } from "bun:test";
import { made, missed, openScriptedApp, type Script } from "../../tests/scripted-app.ts";
import { ignoreFailpoints } from "../ports/failpoints.ts";
import { DrapeError } from "../model/errors.ts";
import type { SettingsChange } from "../model/task-settings.ts";
import { settleTask } from "./settle-task.ts";

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

const lost = () => {
  throw new DrapeError("FUNCTION_UNREACHABLE", "the connection broke", { ran: "unknown" });
};

describe("the life of a task", () => {
  test("all goes well: one call for the prompt and one for each image, everything charged", async () => {
    const { createTask, runToEnd, countOf } = await open({});

    const task = await runToEnd(await createTask(2));

    expect([task.status, task.settled?.postedCredits, task.images.length]).toEqual([
      "succeeded",
      22,
      2,
    ]);
    expect([countOf("prompt-generator"), countOf("image-generator")]).toEqual([1, 2]);
    expect([task.attempts, task.crashes, task.error]).toEqual([0, 0, null]);
  });

  test("an in-doubt call is waited for and its pictures are taken: nothing is paid twice", async () => {
    const generated: number[] = [];
    const { createTask, runToEnd, objects, countOf } = await open({
      "image-generator": ({ images }: ImagesEvent) => {
        const fresh = images.filter(({ key }) => !objects.has(key));
        generated.push(...fresh.map(({ index }) => index));
        for (const { key } of fresh) objects.set(key, 900);
        return fresh.length > 0 ? lost() : { ok: true, result: made(images) };
      },
    });

    const task = await runToEnd(await createTask(2));

    expect(task.status).toBe("succeeded");
    expect(generated).toEqual([0, 1]);
    expect(countOf("image-generator")).toBeGreaterThan(1);
    expect(task.steps.filter(({ step }) => step === "generate").map(({ asks }) => asks)).toEqual([
      1, 1,
    ]);
  });

  test("a call that vanished is made again only after its time is over", async () => {
    const limitMs = 300;
    const calledAtMs: number[] = [];
    const timeouts = {
      "ai-image-processor": 50,
      "prompt-generator": 50,
      "image-generator": limitMs,
    };
    const { createTask, store, run, advance } = await open(
      {
        "image-generator": async ({ images }: ImagesEvent) => {
          calledAtMs.push(await app.store.nowMs());
          return calledAtMs.length === 1 ? lost() : { ok: true, result: made(images) };
        },
      },
      { calls: { functionTimeoutMs: timeouts } },
    );
    const taskId = await createTask(1);
    await run(taskId);
    const between = await store.tasks.find(taskId);
    advance(5);
    await run(taskId);

    const task = await store.tasks.find(taskId);
    const inDoubt = between?.steps.find(({ step }) => step === "generate");
    const overAtMs = (inDoubt?.askedAtMs ?? Number.NaN) + (inDoubt?.askLimitMs ?? Number.NaN);
    expect([between?.status, between?.attempts]).toEqual(["queued", 1]);
    expect(inDoubt?.askLimitMs).toBeGreaterThanOrEqual(limitMs);
    expect(task?.status).toBe("succeeded");
    expect(calledAtMs[1]).toBeGreaterThanOrEqual(overAtMs);
    expect(task?.steps.find(({ step }) => step === "generate")?.asks).toBe(2);
  });

  test("a task canceled while its images are made is neither shown nor charged afterwards", async () => {
    const opened = await open({
      "image-generator": async ({ images }: ImagesEvent) => {
        const [taskId = ""] = /task_\w+/.exec(images[0]?.key ?? "") ?? [];
        await settleTask(opened.deps, {
          taskId,
          fence: null,
          ending: "canceled",
          error: null,
          actor: "usr_x",
        });
        return { ok: true, result: made(images) };
      },
    });

    const task = await opened.runToEnd(await opened.createTask(2));

    expect([task.status, task.images.length, task.settled?.postedCredits]).toEqual([
      "canceled",
      0,
      0,
    ]);
  });

  test("a worker that stops hands its task back unharmed", async () => {
    const stop = new AbortController();
    const { createTask, run, store } = await open({
      "image-generator": (_, signal) => {
        stop.abort(new DrapeError("SHUTTING_DOWN", "stopping"));
        signal.throwIfAborted();
        return null;
      },
    });
    const taskId = await createTask(1);

    await run(taskId, stop.signal);

    const task = await store.tasks.find(taskId);
    expect([task?.status, task?.attempts]).toEqual(["queued", 0]);
    expect(task?.steps.find(({ step }) => step === "generate")?.asks).toBe(1);
  });

  test("a call that was committed and never sent leaves nothing to wait for", async () => {
    const stop = new AbortController();
    const { createTask, run, runToEnd, store, deps, countOf } = await open({});
    const taskId = await createTask(1);
    deps.failpoint = (point) => {
      if (point === "paid call: published, not sent" && countOf("prompt-generator") === 1)
        stop.abort(new DrapeError("SHUTTING_DOWN", "stopping"));
    };

    await run(taskId, stop.signal);
    const handedBack = await store.tasks.find(taskId);
    deps.failpoint = ignoreFailpoints;
    const task = await runToEnd(taskId);

    const inDoubt = handedBack?.steps.find(({ step }) => step === "generate");
    expect([handedBack?.status, handedBack?.attempts]).toEqual(["queued", 0]);
    expect([inDoubt?.asks, inDoubt?.askLimitMs]).toEqual([0, 0]);
    expect([task.status, countOf("image-generator")]).toEqual(["succeeded", 1]);
  });

  test("a task that waits for its provider's rate has asked for nothing and spends nothing", async () => {
    const stop = new AbortController();
    const { createTask, run, store, rateLimiter, countOf } = await open({});
    const taskId = await createTask(2);
    rateLimiter.take = async () => {
      stop.abort(new DrapeError("SHUTTING_DOWN", "stopping"));
      return { allowed: false, remaining: 0, retryAfterMs: 60_000, resetMs: 60_000 };
    };

    await run(taskId, stop.signal);

    const task = await store.tasks.find(taskId);
    expect([task?.status, task?.attempts, countOf("image-generator")]).toEqual(["queued", 0, 0]);
    expect(task?.steps.filter(({ step }) => step === "generate")).toEqual([]);
  });

  test("a process may die where the call of either paid function is forgotten", async () => {
    const busy = new DrapeError("FUNCTION_BUSY", "the function is at its limit", { ran: "no" });
    const refuse = () => Promise.reject(busy);
    const { createTask, run, deps, countOf } = await open({
      "prompt-generator": refuse,
      "image-generator": refuse,
    });
    const forgotten = new Set<string>();
    deps.failpoint = (point) => {
      if (point !== "paid call: forgotten") return;
      forgotten.add(countOf("image-generator") === 0 ? "prompt" : "generate");
    };

    await run(await createTask(1));

    expect([...forgotten]).toEqual(["prompt", "generate"]);
  });

  test("what each attempt used is noted, with what failed calls used", async () => {
    let calls = 0;
    const { createTask, runToEnd, store } = await open({
      "image-generator": (event: { images: { index: number; key: string }[] }) => {
        calls += 1;
        const failure = { code: "PROVIDER_FAILED", message: "broken", ran: "yes" };
        const usage = { generatedImages: 1, outputTokens: 4_096 };
        return {
          ok: true,
          result: calls === 1 ? { ...missed(event.images, failure), usage } : made(event.images),
        };
      },
    });

    const task = await runToEnd(await createTask(1));

    const usage = await store.usage.find(task.id);
    const figures = usage.map(
      (one) =>
        `${one.function} ${one.provider}: ${one.calls} calls, ${one.images} images, ${one.inputTokens} tokens in`,
    );
    expect(figures).toEqual([
      "ai-image-processor : 3 calls, 0 images, 0 tokens in",
      "image-generator : 2 calls, 1 images, 0 tokens in",
      "image-generator scripted: 0 calls, 1 images, 0 tokens in",
      "prompt-generator : 1 calls, 0 images, 0 tokens in",
      "prompt-generator scripted: 0 calls, 0 images, 1 tokens in",
    ]);
  });

  test("usage that cannot be noted changes nothing for the task", async () => {
    const { createTask, runToEnd, store } = await open({});
    const taskId = await createTask(1);
    store.usage.add = () => Promise.reject(new Error("the database is away"));

    const task = await runToEnd(taskId);

    expect(task.status).toBe("succeeded");
  });

  test("a task that crashed its worker five times is given up and costs nothing", async () => {
    const { createTask, store, advance, run } = await open({});
    const taskId = await createTask(1);
    for (let crash = 0; crash < 5; crash += 1) {
      await store.tasks.claim(taskId, `wkr_${crash}`, 15_000);
      advance(15_001);
    }

    await run(taskId);

    const task = await store.tasks.find(taskId);
    expect([task?.status, task?.error?.code, task?.settled?.postedCredits]).toEqual([
      "failed",
      "TASK_CRASHED",
      0,
    ]);
  });

  test("every version has its events, without a gap", async () => {
    const { createTask, runToEnd, events } = await open({});
    const taskId = await createTask(2);

    const task = await runToEnd(taskId);

    const ids = (await events.read(taskId, "0-0")).map(({ id }) => Number(id.split("-")[0]));
    const versions = [...new Set(ids)];
    expect(versions).toEqual(Array.from({ length: task.version - 1 }, (_, index) => index + 2));
    expect(ids.at(-1)).toBe(task.version);
  });
});
