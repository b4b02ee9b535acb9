import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { z } from "zod";
import { deletePreset, putPreset } from "../core/admin/change-presets.ts";
import type { Scene } from "../core/ports/preset-store.ts";
import { openTestApp, problemOf, type TestApp } from "../tests/test-app.ts";
import { RIGHT_BODIES, TASK_ROUTES } from "./task-bodies.fixture.ts";

const CREATE = "/api/v1/ai-generation/create";
const QUOTE = "/api/v1/ai-generation/quote";
const taskSchema = z.object({
  input: z.object({
    sceneType: z.string(),
    stylePreference: z.string(),
    clothingType: z.string().optional(),
  }),
});

/** As long as a title may be. */
const LONG = "\u{20BB7}".repeat(60);

let app: TestApp;
let anna = "";
beforeAll(async () => {
  app = await openTestApp();
  anna = await app.signUp("anna@example.com");
  const user = await app.deps.store.users.findByEmail("anna@example.com");
  const grant = { id: "trf_anna", userId: user?.id ?? "", amount: 2_000, reason: "test" };
  await app.deps.store.credits.grant({ ...grant, actor: "system" });
  const own: readonly Scene[] = [
    { kind: "scene", id: "arcade", en: "arcade", zh: "长廊" },
    { kind: "scene", id: "gallery", en: "gallery", zh: "长廊" },
    { kind: "scene", id: "mall", en: "street", zh: "商场" },
    { kind: "scene", id: "old-pier", en: "old pier", zh: "码头" },
    { kind: "scene", id: "pier", en: "pier", zh: "码头" },
    { kind: "scene", id: "long", en: "long", zh: LONG },
    { kind: "garment", id: "robe", en: "robe", zh: "长袍" },
    { kind: "garment", id: "gown", en: "gown", zh: "长袍" },
  ];
  for (const preset of own) await putPreset(app.deps, { ...preset, actor: "usr_admin" });
  await deletePreset(app.deps, { kind: "scene", id: "old-pier", actor: "usr_admin" });
});
afterAll(() => app.close());

type Words = { sceneType?: string; stylePreference?: string; clothingType?: string };
const promptBody = (words: Words) => ({ ...RIGHT_BODIES.PROMPT_ONLY, ...words });
const post = (path: string, body: unknown) => app.post(path, body, { token: anna });

/** The input of the task that a body makes. */
async function inputOf(path: string, body: unknown) {
  const answer = await post(path, body);
  expect(answer.status).toBe(202);
  return taskSchema.parse(await answer.json()).input;
}

describe("a scene or style named by its title", () => {
  const named: readonly (readonly [string, string, string, string])[] = [
    ["室内", "现代", "indoor", "modern"],
    ["Plain White Background", " Casual ", "white", "casual"],
    ["ＣＩＴＹ at night", "潮流", "city-night", "streetwear"],
    ["OUTDOOR", "Modern", "outdoor", "modern"],
    ["indoor", "modern", "indoor", "modern"],
    ["street", "elegant", "street", "elegant"],
    ["商场", "elegant", "mall", "elegant"],
    [LONG, "elegant", "long", "elegant"],
  ];
  for (const [sceneType, stylePreference, scene, style] of named) {
    test(`"${sceneType}" and "${stylePreference}" make a task of ${scene} and ${style} on every route`, async () => {
      const words = { sceneType, stylePreference };
      const full = { ...RIGHT_BODIES.FULL_GENERATION, ...words };
      const prompt = promptBody(words);

      const inputs = [
        await inputOf(TASK_ROUTES.FULL_GENERATION, full),
        await inputOf(TASK_ROUTES.PROMPT_ONLY, prompt),
        await inputOf(CREATE, { type: "FULL_GENERATION", input: full }),
        await inputOf(CREATE, { type: "PROMPT_ONLY", input: prompt }),
      ];
      const quoted = await post(QUOTE, { type: "PROMPT_ONLY", input: prompt });

      expect(quoted.status).toBe(200);
      for (const input of inputs)
        expect([input.sceneType, input.stylePreference]).toEqual([scene, style]);
    });
  }

  test("a title that a deleted preset has as well means the one in use", async () => {
    const input = await inputOf(TASK_ROUTES.PROMPT_ONLY, promptBody({ sceneType: "码头" }));

    expect(input.sceneType).toBe("pier");
  });
});

describe("a name that is no preset's, or two presets'", () => {
  const wrong: readonly (readonly [Words, string, string, string])[] = [
    [{ sceneType: "长廊" }, "/sceneType", "AMBIGUOUS", "arcade, gallery"],
    [{ clothingType: " 长袍" }, "/clothingType", "AMBIGUOUS", "robe, gown"],
    [{ sceneType: "old pier" }, "/sceneType", "NOT_ALLOWED", "indoor, outdoor"],
    [{ sceneType: "现代" }, "/sceneType", "NOT_ALLOWED", "studio, street"],
    [{ stylePreference: "x".repeat(61) }, "/stylePreference", "NOT_ALLOWED", "romantic, modern"],
  ];
  for (const [words, pointer, code, says] of wrong) {
    test(`${JSON.stringify(words).slice(0, 40)} is refused with the ids`, async () => {
      const input = promptBody(words);

      const plain = await problemOf(await post(TASK_ROUTES.PROMPT_ONLY, input));
      const nested = await problemOf(await post(CREATE, { type: "PROMPT_ONLY", input }));
      const quoted = await problemOf(await post(QUOTE, { type: "PROMPT_ONLY", input }));

      expect([plain.status, plain.errors]).toEqual([
        422,
        [{ pointer, code, detail: expect.stringContaining(says) }],
      ]);
      expect(nested.errors?.map((fault) => fault.pointer)).toEqual([`/input${pointer}`]);
      expect(quoted.errors).toEqual(nested.errors);
    });
  }

  test("one fault in each field is told at once", async () => {
    const words = { sceneType: "长廊", stylePreference: "baroque", clothingType: "长袍" };

    const { errors = [] } = await problemOf(await post(TASK_ROUTES.PROMPT_ONLY, promptBody(words)));

    const pointers = errors.map(({ pointer }) => pointer);
    expect(pointers).toEqual(["/sceneType", "/stylePreference", "/clothingType"]);
  });
});

test("a garment is shown in the task as the customer wrote it, whatever it means", async () => {
  for (const clothingType of ["fashion", "Gown", "robe", "服装", "my own poncho"]) {
    const input = await inputOf(TASK_ROUTES.PROMPT_ONLY, promptBody({ clothingType }));

    expect(input.clothingType).toBe(clothingType);
  }
});
