import { afterEach, describe, expect, test } from "bun:test";
import { made, missed, openScriptedApp, type Script } from "../../tests/scripted-app.ts";
import { DrapeError } from "../model/errors.ts";
import type { TaskRequest } from "../model/task.ts";
import { until } from "../../tests/until.ts";
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

const unusable = { code: "PROVIDER_ANSWER_INVALID", message: "No picture.", ran: "yes" };
const busy = { code: "PROVIDER_BUSY", message: "busy", ran: "no" };
const lost = () => {
  throw new DrapeError("FUNCTION_UNREACHABLE", "the connection broke", { ran: "unknown" });
};

/** A function for images whose answers come to these outcomes in turn, the last one again and again. */
const images = (...outcomes: readonly ("made" | "lost" | object)[]) => {
  let calls = 0;
  return ({ images: wanted }: ImagesEvent) => {
    const outcome = outcomes[Math.min(calls, outcomes.length - 1)];
    calls += 1;
    if (outcome === "lost") return lost();
    const result = typeof outcome === "object" ? missed(wanted, outcome) : made(wanted);
    return { ok: true, result };
  };
};
const QUICK_CALLS = {
  calls: {
    functionTimeoutMs: { "ai-image-processor": 20, "prompt-generator": 20, "image-generator": 20 },
  },
};
const promptOnly: TaskRequest = {
  type: "PROMPT_ONLY",
  input: {
    imageUrl: "https://example.com/a.jpg",
    sceneType: "studio",
    stylePreference: "elegant",
  },
};

describe("an image that was bought and cannot be used", () => {
  test("is bought once more, then it is missed for good: free, with its reason", async () => {
    const { createTask, runToEnd, countOf } = await open({ "image-generator": images(unusable) });

    const task = await runToEnd(await createTask(1));

    expect(countOf("image-generator")).toBe(2);
    expect([task.status, task.settled?.postedCredits]).toEqual(["failed", 0]);
    expect(task.error?.code).toBe("PROVIDER_ANSWER_INVALID");
    const record = task.steps.find(({ step }) => step === "generate");
    expect(record).toMatchObject({ state: "missed", asks: 2, failures: 2 });
  });

  test("keeps nothing back of the others: each of them is delivered and charged", async () => {
    const { createTask, runToEnd, countOf } = await open({
      "image-generator": ({ images: wanted }: ImagesEvent) => ({
        ok: true,
        result: wanted[0]?.index === 1 ? missed(wanted, unusable) : made(wanted),
      }),
    });

    const task = await runToEnd(await createTask(3));

    expect([task.status, task.settled?.postedCredits]).toEqual(["partial", 22]);
    expect(countOf("image-generator")).toBe(4);
  });

  test("is delivered when the second purchase can be used", async () => {
    const { createTask, runToEnd, countOf } = await open({
      "image-generator": images(unusable, "made"),
    });

    const task = await runToEnd(await createTask(1));

    expect([task.status, countOf("image-generator")]).toEqual(["succeeded", 2]);
  });

  const withOneLost = { first: ["lost", unusable], second: [unusable, "lost"] } as const;
  for (const [which, outcomes] of Object.entries(withOneLost)) {
    test(`is not bought a third time when its ${which} purchase was lost on the way`, async () => {
      const script = { "image-generator": images(...outcomes, unusable) };
      const { createTask, runToEnd, countOf } = await open(script, QUICK_CALLS);

      const task = await runToEnd(await createTask(1));

      expect([task.status, task.error?.code]).toEqual(["failed", "PROVIDER_ANSWER_INVALID"]);
      expect(countOf("image-generator")).toBe(2);
    });
  }

  test("is not bought a third time by another worker that knows only what is committed", async () => {
    const { createTask, runToEnd, store, advance, countOf } = await open({});
    const id = await createTask(1);
    const step = { step: "generate", index: 0 } as const;
    for (const worker of ["wkr_a", "wkr_b"]) {
      const claimed = await store.tasks.claim(id, worker, 15_000);
      const claim = { taskId: id, fence: claimed?.fence ?? 0 };
      await store.tasks.markPaidCalls(claim, [{ ...step, askLimitMs: 60_000 }]);
      await store.tasks.clearPaidCalls(claim, [step], "yes");
      advance(15_001);
    }

    const task = await runToEnd(id);

    expect(countOf("image-generator")).toBe(0);
    expect([task.status, task.error?.code]).toEqual(["failed", "PROVIDER_ANSWER_INVALID"]);
  });

  test("does not count calls that surely did not run", async () => {
    const { createTask, runToEnd, countOf } = await open({
      "image-generator": images(busy, busy, unusable, busy, "made"),
    });

    const task = await runToEnd(await createTask(1));

    expect([task.status, countOf("image-generator")]).toEqual(["succeeded", 5]);
  });
});

describe("an outcome that nobody knows", () => {
  test("of one image among others that came keeps its mark, and is not bought again before its time", async () => {
    const { createTask, run, runToEnd, store, objects, countOf } = await open({
      "image-generator": ({ images: wanted }: ImagesEvent) => {
        const [image] = wanted;
        const isLost = image?.index === 1 && !objects.has(image.key);
        return isLost ? lost() : { ok: true, result: made(wanted) };
      },
    });
    const id = await createTask(3);
    const stop = new AbortController();
    const running = run(id, stop.signal);
    await until(async () => {
      const steps = (await store.tasks.find(id))?.steps ?? [];
      return (
        steps.filter(({ step, state }) => step === "postprocess" && state === "done").length > 1
      );
    });
    stop.abort(new DrapeError("SHUTTING_DOWN", "stopping"));
    await running;
    const between = await store.tasks.find(id);
    const callsBefore = countOf("image-generator");
    objects.set(`t/${id}/generate-1.jpg`, 900);

    const task = await runToEnd(id);

    const marked = between?.steps.filter(
      ({ state, askLimitMs }) => state === "asked" && askLimitMs > 0,
    );
    expect(marked?.map(({ step, index }) => `${step} ${index}`)).toEqual(["generate 1"]);
    expect(callsBefore).toBe(3);
    expect(task.status).toBe("succeeded");
    // The last call gave back what was there: it was not committed as another purchase.
    const asks = task.steps.filter(({ step }) => step === "generate").map((record) => record.asks);
    expect([countOf("image-generator"), asks]).toEqual([4, [1, 1, 1]]);
  });

  test("of a prompt keeps its mark when its worker stops, and the next one takes what was written", async () => {
    const draft = {
      garment: { type: "dress", colors: ["red"], pattern: "plain" },
      promptZh: "红色连衣裙，摄影棚，优雅风格，柔和光线",
      promptEn: "A red dress in a studio, elegant, soft light.",
      model: "m",
      usage: { promptTokens: 1, completionTokens: 1 },
    };
    const { createTaskOf, run, runToEnd, store, objects, countOf } = await open({
      "prompt-generator": ({ to }: { to: string }) =>
        objects.has(to) ? { ok: true, result: draft } : lost(),
    });
    const id = await createTaskOf(promptOnly);
    const stop = new AbortController();
    const running = run(id, stop.signal);
    const recordOf = async () =>
      (await store.tasks.find(id))?.steps.find(({ step }) => step === "prompt");
    await until(
      async () => ((await recordOf())?.askLimitMs ?? 0) > 0 && countOf("prompt-generator") > 0,
    );
    stop.abort(new DrapeError("SHUTTING_DOWN", "stopping"));
    await running;
    const between = await recordOf();
    objects.set(`t/${id}/prompt-0.json`, 900);

    const task = await runToEnd(id);

    expect([between?.state, between?.asks]).toEqual(["asked", 1]);
    expect(between?.askLimitMs).toBeGreaterThan(0);
    expect([task.status, task.steps.find(({ step }) => step === "prompt")?.asks]).toEqual([
      "succeeded",
      1,
    ]);
    expect(countOf("prompt-generator")).toBe(2);
  });
});

describe("a prompt that was bought and cannot be used", () => {
  const writing = (): Script => ({
    "prompt-generator": () => ({ ok: false, failure: { ...unusable, message: "No prompt." } }),
  });

  test("gives way to the template at once: its function asked twice by itself", async () => {
    const { createTask, runToEnd, countOf } = await open(writing());

    const task = await runToEnd(await createTask(1));

    expect([task.status, task.settled?.postedCredits]).toEqual(["succeeded", 11]);
    expect(countOf("prompt-generator")).toBe(1);
  });

  test("is missed where no template will do: free, with its reason", async () => {
    const { createTaskOf, runToEnd, countOf } = await open(writing());

    const task = await runToEnd(await createTaskOf(promptOnly));

    expect(countOf("prompt-generator")).toBe(1);
    expect([task.status, task.error?.code, task.settled?.postedCredits]).toEqual([
      "failed",
      "PROVIDER_ANSWER_INVALID",
      0,
    ]);
  });

  test("that was lost is asked for once more, and not a third time", async () => {
    const { createTaskOf, runToEnd, countOf } = await open(
      { "prompt-generator": lost },
      QUICK_CALLS,
    );

    const task = await runToEnd(await createTaskOf(promptOnly));

    expect([task.status, countOf("prompt-generator")]).toEqual(["failed", 2]);
  });
});
