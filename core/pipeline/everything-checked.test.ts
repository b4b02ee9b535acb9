import { afterEach, describe, expect, test } from "bun:test";
import { openScriptedApp, processed } from "../../tests/scripted-app.ts";
import type { Moderation } from "../moderation/moderate-content.ts";
import type { TaskRequest, TaskType } from "../model/task.ts";

let app: Awaited<ReturnType<typeof openScriptedApp>>;
afterEach(() => app.close());

type ProcessorEvent = {
  readonly source?: { readonly url?: string; readonly key?: string };
  readonly to?: string;
  readonly images?: readonly { readonly to: string }[];
};

/** What the content check is asked about while a task of each type runs to its end. */
async function checkedOf(request: TaskRequest) {
  app = await openScriptedApp({
    "ai-image-processor": ({ source, to, images }: ProcessorEvent) => {
      if (images !== undefined) return { ok: true, result: processed(images) };
      const name = source?.url?.split("/").at(-1) ?? source?.key?.split("/").at(-1);
      const facts = { width: 64, height: 64, bytes: 9, format: "jpeg", sourceBytes: 9 };
      return { ok: true, result: { key: to ?? `in/${name}`, ...facts } };
    },
  });
  const words: string[] = [];
  const pictures: string[] = [];
  const moderation: Moderation = {
    async words(text) {
      words.push(text);
      return { doubt: null };
    },
    async picture(key) {
      pictures.push(key);
      return { doubt: null };
    },
  };
  app.deps.moderation = moderation;
  const task = await app.runToEnd(await app.createTaskOf(request));
  expect(task.status).toBe("succeeded");
  return { words, pictures: pictures.filter((key) => !key.includes("/generate-")) };
}

const photos = ["a", "b", "c"].map((name) => `https://example.com/${name}.jpg`);
const imported = ["in/a.jpg", "in/b.jpg", "in/c.jpg"];
const options = { size: "1024x1024", quality: "standard", n: 2 } as const;

/** Each type with every word and picture that a customer can send with it, and what of that must have been checked. */
const EVERYTHING: Record<
  TaskType,
  readonly {
    readonly input: TaskRequest["input"];
    readonly words: string[];
    readonly pictures: string[];
  }[]
> = {
  FULL_GENERATION: [
    {
      input: {
        clothingImages: photos,
        sceneType: "studio",
        stylePreference: "elegant",
        options,
      },
      words: [],
      pictures: imported,
    },
  ],
  PREPROCESS_ONLY: [
    { input: { images: photos, options: {} }, words: [], pictures: imported },
    {
      input: { images: photos, options: { watermark: "my shop" } },
      words: ["my shop"],
      pictures: imported,
    },
    {
      input: { images: photos, options: { watermark: { text: "my shop" } } },
      words: ["my shop"],
      pictures: imported,
    },
    {
      input: { images: photos, options: { watermark: { imageKey: "u/usr_a/up/logo.png" } } },
      words: [],
      pictures: ["in/logo.png", ...imported],
    },
  ],
  PROMPT_ONLY: [
    {
      input: {
        imageUrl: photos[0] ?? "",
        clothingType: "my word",
        sceneType: "studio",
        stylePreference: "elegant",
      },
      words: ["my word"],
      pictures: ["in/a.jpg"],
    },
  ],
  GENERATE_ONLY: [
    {
      input: { prompt: "my prompt", referenceImages: photos, options },
      words: ["my prompt"],
      pictures: imported,
    },
  ],
};

const rows = Object.entries(EVERYTHING).flatMap(([type, cases]) =>
  cases.map(
    ({ input, ...expected }) => ({ request: { type, input } as TaskRequest, expected }) as const, // each under its own type
  ),
);

describe("the content check is asked about", () => {
  test.each(rows)("every word and picture that was sent: %#", async ({ request, expected }) => {
    const { words, pictures } = await checkedOf(request);

    expect(words).toEqual([...expected.words]);
    expect(pictures.toSorted()).toEqual([...expected.pictures].toSorted());
  });
});
