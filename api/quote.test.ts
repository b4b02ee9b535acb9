import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { z } from "zod";
import { TASK_TYPES } from "../core/model/task.ts";
import { publishWorkerConcurrency } from "../core/queue/worker-concurrency.ts";
import { openTestApp, problemOf, type TestApp } from "../tests/test-app.ts";
import { RIGHT_BODIES } from "./task-bodies.fixture.ts";

const quoteSchema = z.strictObject({
  type: z.enum(TASK_TYPES),
  credits: z.number(),
  breakdown: z.array(
    z.strictObject({
      what: z.enum(["preprocess", "prompt", "image"]),
      count: z.number(),
      creditsEach: z.number(),
      credits: z.number(),
    }),
  ),
  etaSeconds: z.strictObject({ p50: z.number().positive(), p90: z.number().positive() }),
  blockedBy: z.null(),
});

let app: TestApp;
let anna = "";
beforeAll(async () => {
  app = await openTestApp();
  await publishWorkerConcurrency(app.deps, "wkr_a", 8);
  anna = await app.signUp("anna@example.com");
});
afterAll(() => app.close());

const call = (body: unknown) => app.post("/api/v1/ai-generation/quote", body, { token: anna });

describe("a quote", () => {
  test("tells the price of each type line by line, and that it adds up", async () => {
    const lines: Record<string, string> = {};
    for (const type of TASK_TYPES) {
      const { credits, breakdown } = quoteSchema.parse(
        await (await call({ type, input: RIGHT_BODIES[type] })).json(),
      );
      const charges = breakdown.map(
        ({ what, count, creditsEach }) => `${what} ${count}x${creditsEach}`,
      );
      lines[type] = `${credits}: ${charges.join(" + ")}`;
      expect(breakdown.reduce((sum, line) => sum + line.credits, 0)).toBe(credits);
    }

    expect(lines).toEqual({
      FULL_GENERATION: "22: preprocess 1x1 + prompt 1x1 + image 2x10",
      PREPROCESS_ONLY: "2: preprocess 2x1",
      PROMPT_ONLY: "1: prompt 1x1",
      GENERATE_ONLY: "20: image 2x10",
    });
  });

  test("is the amount that the create then lacks", async () => {
    for (const type of TASK_TYPES) {
      const body = { type, input: RIGHT_BODIES[type] };
      const { credits } = quoteSchema.parse(await (await call(body)).json());

      const created = await app.post("/api/v1/ai-generation/create", body, { token: anna });

      expect((await problemOf(created)).needed).toBe(credits);
    }
  });

  test("creates nothing and stores nothing, not even a picture that the body holds", async () => {
    const images = ["data:image/png;base64,iVBORw0KGgo="];

    // The object store of this app cannot be reached: storing would fail.
    const answer = await call({ type: "PREPROCESS_ONLY", input: { images } });
    const tasks = await app.get("/api/v1/ai-generation/tasks", anna);

    expect(quoteSchema.parse(await answer.json()).credits).toBe(1);
    expect(await tasks.json()).toMatchObject({ data: [] });
  });

  test("priority high is for administrators here too", async () => {
    const body = { type: "PROMPT_ONLY", input: RIGHT_BODIES.PROMPT_ONLY, priority: "high" };

    expect((await problemOf(await call(body))).status).toBe(403);
  });
});

describe("sizes that are left out", () => {
  test("are the model's first, which the answer to the create shows", async () => {
    const rich = await app.deps.store.users.findByEmail("anna@example.com");
    const grant = { id: "trf_sizes", userId: rich?.id ?? "", amount: 100, reason: "test" };
    await app.deps.store.credits.grant({ ...grant, actor: "system" });
    const sizes: string[] = [];
    for (const model of [undefined, "doubao-seedream-4-5-251128"]) {
      const modelConfig = model === undefined ? {} : { modelConfig: { model } };
      const answer = await app.post(
        "/api/ai-image/generate-only",
        { prompt: "A red dress", ...modelConfig },
        { token: anna },
      );
      const { input } = z
        .object({ input: z.object({ options: z.object({ size: z.string() }) }) })
        .parse(await answer.json());
      sizes.push(input.options.size);
    }

    expect(sizes).toEqual(["1024x1024", "2048x2048"]);
  });
});
