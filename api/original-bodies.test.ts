import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { z } from "zod";
import { openTestApp, type TestApp } from "../tests/test-app.ts";

const root = join(import.meta.dir, "..");
const contract = readFileSync(join(root, "docs/contract.md"), "utf8");
const CREATE = "/api/v1/ai-generation/create";

/** A line that is nothing but a route, an empty line, and the body. */
const BODY = /^`POST (\/\S+)`\n\n```json\n([\s\S]*?)\n```$/gm;
const bodies = [...contract.matchAll(BODY)].map(([, route = "", body = ""]) => ({ route, body }));

const taskSchema = z.object({
  id: z.string().startsWith("task_"),
  type: z.string(),
  status: z.literal("queued"),
  priority: z.string(),
  input: z.record(z.string(), z.unknown()),
});
const createSchema = z.object({
  type: z.string(),
  priority: z.string().optional(),
  input: z.record(z.string(), z.unknown()),
});

let app: TestApp;
let anna = "";
beforeAll(async () => {
  app = await openTestApp();
  anna = await app.signUp("anna@example.com");
  const user = await app.deps.store.users.findByEmail("anna@example.com");
  const grant = { id: "trf_anna", userId: user?.id ?? "", amount: 1_000, reason: "test" };
  await app.deps.store.credits.grant({ ...grant, actor: "system" });
});
afterAll(() => app.close());

describe("the bodies of the original contract", () => {
  test("are all in docs/contract.md, and no body there is left out here", () => {
    const fences = contract.split("```json\n").length - 1;

    const found = bodies.map(({ route, body }) => {
      if (route !== CREATE) return route;
      const { type, priority = "-" } = createSchema.parse(JSON.parse(body));
      return `${route} ${type} ${priority}`;
    });

    expect(found).toEqual([
      "/api/ai-image/generate",
      "/api/ai-image/preprocess",
      "/api/ai-image/preprocess",
      "/api/ai-image/generate-prompt",
      "/api/ai-image/generate-only",
      `${CREATE} FULL_GENERATION -`,
      `${CREATE} FULL_GENERATION normal`,
      `${CREATE} PREPROCESS_ONLY low`,
      `${CREATE} PROMPT_ONLY -`,
      `${CREATE} GENERATE_ONLY -`,
    ]);
    expect(bodies).toHaveLength(fences);
  });

  test("have the words of the original in them", () => {
    const [generate, preprocess, everyOption, prompt, pictures] = bodies.map(({ body }) =>
      z.record(z.string(), z.unknown()).parse(JSON.parse(body)),
    );

    expect(generate).toEqual({
      clothingImages: ["https://example.com/image1.jpg"],
      sceneType: "indoor",
      stylePreference: "modern",
      options: { size: "1024x1024", quality: "standard", n: 2 },
    });
    expect(preprocess).toEqual({
      images: ["https://example.com/image1.jpg"],
      options: {
        compress: true,
        resize: { width: 800, height: 600, mode: "fit" },
        format: "webp",
      },
    });
    const options = ["compress", "resize", "crop", "watermark", "format", "quality"];
    expect(Object.keys(everyOption?.["options"] ?? {})).toEqual(options);
    expect(prompt).toEqual({
      imageUrl: "https://example.com/image.jpg",
      clothingType: "fashion",
      stylePreference: "modern",
      sceneType: "indoor",
    });
    expect(pictures).toMatchObject({
      options: { size: "1024x1024", quality: "standard", n: 1 },
      modelConfig: { model: "doubao-Seedream-4-0-250828" },
    });
  });

  for (const [at, { route, body }] of bodies.entries()) {
    test(`number ${at + 1}, to ${route}, is taken as it stands and makes a task of what it says`, async () => {
      const answer = await app.post(route, body, { token: anna });

      expect(answer.status).toBe(202);
      const task = taskSchema.parse(await answer.json());
      const sent: unknown = JSON.parse(body);
      if (route === CREATE) {
        const { type, priority = "normal", input } = createSchema.parse(sent);
        expect(task).toMatchObject({ type, priority, input });
      } else expect(task).toMatchObject({ input: sent });
    });
  }
});

test("the components of the original and the tests of its lines are where the document says", () => {
  const tables = contract.split("\n").filter((line) => line.startsWith("| "));
  const paths = tables.flatMap((line) => [...line.matchAll(/`([\w.-]+\/[\w./-]*)`/g)]);

  const missing = paths.flatMap(([, path = ""]) => (existsSync(join(root, path)) ? [] : [path]));

  expect(paths.length).toBeGreaterThan(100);
  expect(missing).toEqual([]);
});
