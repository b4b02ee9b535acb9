import { afterEach, describe, expect, test } from "bun:test";
import { openScriptedApp, type Script } from "../../tests/scripted-app.ts";
import { deletePreset, putPreset } from "../admin/change-presets.ts";
import type { Moderation } from "../moderation/moderate-content.ts";
import type { TaskRequest } from "../model/task.ts";
import { promptOf } from "../model/task-results.ts";

type ScriptedApp = Awaited<ReturnType<typeof openScriptedApp>>;
let app: ScriptedApp;
const open = async (script: Script = {}) => {
  app = await openScriptedApp(script);
  return app;
};
afterEach(async () => {
  expect(await app.broken()).toEqual([]);
  await app.close();
});

const chosen = { sceneType: "indoor", stylePreference: "modern" };
const generate: TaskRequest = {
  type: "FULL_GENERATION",
  input: {
    clothingImages: ["https://example.com/image1.jpg"],
    ...chosen,
    options: { size: "1024x1024", quality: "standard", n: 2 },
  },
};
const prompt = (clothingType?: string): TaskRequest => ({
  type: "PROMPT_ONLY",
  input: { imageUrl: "https://example.com/image.jpg", ...chosen, clothingType },
});
const promptEvents = ({ calls }: ScriptedApp) =>
  calls.flatMap(({ name, event }) => (name === "prompt-generator" ? [event] : []));

describe("the words of the original contract", () => {
  test("make pictures to the end, in scene and style of both languages", async () => {
    const { createTaskOf, runToEnd } = await open();

    const task = await runToEnd(await createTaskOf(generate));

    expect([task.status, task.images.length]).toEqual(["succeeded", 2]);
    expect(promptEvents(app)).toMatchObject([
      {
        scene: { id: "indoor", en: "indoor", zh: "室内" },
        style: { id: "modern", en: "modern", zh: "现代" },
      },
    ]);
  });

  test("are in the template when no model writes", async () => {
    const { createTaskOf, runToEnd } = await open({
      "prompt-generator": () => ({
        ok: false,
        failure: { code: "PROVIDER_REQUEST_REFUSED", message: "no", ran: "no" },
      }),
    });

    const task = await runToEnd(await createTaskOf(generate));

    expect(task.status).toBe("succeeded");
    expect(promptOf(task)?.promptZh).toContain("场景：室内；风格：现代");
  });

  test('make a prompt to the end, and nobody is told that "fashion" is a garment', async () => {
    const { createTaskOf, runToEnd, deps } = await open();
    const judged: string[] = [];
    const judge = async (content: string) => {
      judged.push(content);
      return { doubt: null };
    };
    const moderation: Moderation = { words: judge, picture: judge };
    deps.moderation = moderation;

    const task = await runToEnd(await createTaskOf(prompt("fashion")));

    expect([task.status, task.settled?.postedCredits]).toEqual(["succeeded", 1]);
    expect(task.input).toMatchObject({ clothingType: "fashion" });
    const [event] = promptEvents(app);
    expect(event).not.toHaveProperty("clothingType");
    expect(event).not.toHaveProperty("garment");
    expect(JSON.stringify(event)).not.toContain("fashion");
    expect(judged).toEqual(["u/in/image.jpg"]);
  });
});

test("a photo whose garment is not named has one prompt, however that is said", async () => {
  const { createTaskOf, createCustomer, runToEnd } = await open();
  const owner = await createCustomer(100);

  for (const said of [undefined, "fashion", " Clothes ", "服装", "ＡＰＰＡＲＥＬ", "dress"])
    await runToEnd(await createTaskOf(prompt(said), owner));

  const garments = promptEvents(app).map((event) => (event as { garment?: object }).garment);
  expect(garments).toEqual([undefined, { id: "dress", en: "dress", zh: "连衣裙" }]);
});

test("a garment's title that a deleted one has as well means the one in use", async () => {
  const { createTaskOf, runToEnd, deps } = await open();
  const actor = "usr_admin";
  const old = { kind: "garment", id: "poncho", en: "poncho", zh: "斗篷", sortNo: 0 } as const;
  await putPreset(deps, { ...old, actor });
  await putPreset(deps, { ...old, id: "cape", en: "cape", sortNo: 1, actor });
  await deletePreset(deps, { ...old, actor });

  await runToEnd(await createTaskOf(prompt("斗篷")));

  expect(promptEvents(app)).toMatchObject([{ garment: { id: "cape", en: "cape", zh: "斗篷" } }]);
});
