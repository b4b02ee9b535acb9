import { afterEach, describe, expect, test } from "bun:test";
import { openScriptedApp, type Script } from "../../tests/scripted-app.ts";
import { deletePreset, putPreset } from "../admin/change-presets.ts";
import type { Scene } from "../ports/preset-store.ts";
import type { TaskRequest } from "../model/task.ts";
import { promptOf } from "../model/task-results.ts";

type ScriptedApp = Awaited<ReturnType<typeof openScriptedApp>>;
let app: ScriptedApp;
afterEach(async () => {
  expect(await app.broken()).toEqual([]);
  await app.close();
});

const rooftop = { kind: "scene", id: "rooftop", en: "roof terrace", zh: "屋顶露台" } as const;
const poncho = { kind: "garment", id: "poncho", en: "poncho", zh: "斗篷" } as const;

async function open(script: Script, presets: readonly Scene[]) {
  app = await openScriptedApp(script);
  // All is read once before, so that only a notification can tell of what comes now.
  await app.deps.presets.list();
  for (const preset of presets) await putPreset(app.deps, { ...preset, actor: "usr_admin" });
  return app;
}

const request: TaskRequest = {
  type: "FULL_GENERATION",
  input: {
    clothingImages: ["https://example.com/a.jpg"],
    sceneType: "rooftop",
    stylePreference: "elegant",
    options: { size: "1024x1024", quality: "standard", n: 1 },
  },
};
const ponchoRequest: TaskRequest = {
  type: "PROMPT_ONLY",
  input: {
    imageUrl: "https://example.com/a.jpg",
    clothingType: "Poncho",
    sceneType: "rooftop",
    stylePreference: "elegant",
  },
};
const failing: Script = {
  "prompt-generator": () => ({
    ok: false,
    failure: { code: "PROVIDER_REQUEST_REFUSED", message: "no", ran: "no" },
  }),
};
const promptEvent = ({ calls }: ScriptedApp) =>
  calls.findLast(({ name }) => name === "prompt-generator")?.event;

describe("a preset made while everything runs", () => {
  test("is told to the prompt's model in its own words, a garment among those to choose from", async () => {
    const { createTaskOf, runToEnd } = await open({}, [rooftop, poncho]);

    const task = await runToEnd(await createTaskOf(request));

    expect(task.status).toBe("succeeded");
    expect(promptEvent(app)).toMatchObject({
      scene: { id: "rooftop", en: "roof terrace", zh: "屋顶露台" },
      garmentTypes: expect.arrayContaining(["poncho", "dress"]),
    });
  });

  test("is in the template when no model writes", async () => {
    const { createTaskOf, runToEnd } = await open(failing, [rooftop]);

    const task = await runToEnd(await createTaskOf(request));

    const prompt = promptOf(task);
    expect(prompt?.promptEn).toContain("Scene: roof terrace.");
    expect(prompt?.promptZh).toContain("场景：屋顶露台");
  });
});

describe("a preset deleted while tasks that name it wait", () => {
  test("gives them its words all the same, in the event and in the template", async () => {
    for (const script of [{}, failing]) {
      const { deps, createTaskOf, runToEnd } = await open(script, [rooftop]);
      const id = await createTaskOf(request);

      const deleted = await deletePreset(deps, { ...rooftop, actor: "usr_admin" });
      const task = await runToEnd(id);

      expect(deleted).toBe(true);
      expect(promptEvent(app)).toMatchObject({ scene: { en: "roof terrace", zh: "屋顶露台" } });
      if (script === failing) expect(promptOf(task)?.promptZh).toContain("屋顶露台");
      await app.close();
    }
    await open({}, []);
  });

  test("a garment is known by its word still, and no longer one to choose from", async () => {
    const { deps, createTaskOf, runToEnd } = await open({}, [rooftop, poncho]);
    const id = await createTaskOf(ponchoRequest);

    await deletePreset(deps, { ...poncho, actor: "usr_admin" });
    await runToEnd(id);

    expect(promptEvent(app)).toMatchObject({ garment: { id: "poncho", en: "poncho", zh: "斗篷" } });
    const { garmentTypes } = promptEvent(app) as { garmentTypes: string[] };
    expect(garmentTypes).not.toContain("poncho");
    expect(garmentTypes).toContain("dress");
  });
});
