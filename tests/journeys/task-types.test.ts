import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { z } from "zod";
import type { DemoClient } from "../../local/demo/demo-client.ts";
import { generation, openJourney, sampleBytes, untilEnded, type Journey } from "../journey.ts";
import { onEachStack } from "../stacks.ts";

const photoSchema = z.strictObject({
  index: z.number(),
  url: z.string(),
  width: z.number(),
  height: z.number(),
  bytes: z.number(),
  format: z.string(),
  bytesSaved: z.number(),
  done: z.array(z.string()),
  quality: z.number().nullable(),
  cutOut: z.unknown(),
  variants: z.array(z.object({ name: z.string(), url: z.string() })),
});
const resultSchema = z.strictObject({
  images: z.array(z.object({ index: z.number(), width: z.number(), height: z.number() })),
  prompt: z
    .strictObject({
      zh: z.string(),
      en: z.string(),
      avoid: z.array(z.string()),
      garment: z.object({ type: z.string(), colors: z.array(z.string()) }).nullable(),
    })
    .nullable(),
  processed: z.array(photoSchema).nullable(),
  missed: z.array(
    z.strictObject({
      index: z.number(),
      code: z.string(),
      message: z.string(),
      pointer: z.string().optional(),
    }),
  ),
});
const providerLogSchema = z.object({
  requests: z.array(
    z.object({ model: z.string(), promptExcerpt: z.string(), imageCount: z.number() }),
  ),
});
const taskSchema = z.object({
  id: z.string(),
  type: z.string(),
  status: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  progress: z.object({ percent: z.number(), stepsDone: z.number(), stepsTotal: z.number() }),
  input: z.record(z.string(), z.unknown()),
  result: resultSchema.nullable(),
  cost: z.object({ held: z.number(), charged: z.number(), refunded: z.number() }),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});

onEachStack((stack) => {
  describe(`on ${stack.name}`, () => {
    let journey: Journey;
    let client: DemoClient;
    let photoServer: ReturnType<typeof Bun.serve>;
    beforeAll(async () => {
      const photo = new Uint8Array(await sampleBytes());
      photoServer = Bun.serve({
        port: 0,
        hostname: "127.0.0.1",
        fetch: ({ url }) =>
          new URL(url).pathname.startsWith("/missing")
            ? new Response("no", { status: 404 })
            : // Another address is another file: the same one twice is worked on once.
              new Response(new Blob([photo, new URL(url).pathname])),
      });
      journey = await openJourney({
        environment: {
          ...(await stack.environment()),
          IMAGE_SOURCE_ALLOW: `127.0.0.1:${photoServer.port}`,
        },
      });
      client = await journey.customer(1_000);
    });
    afterAll(async () => {
      expect(await journey.broken()).toEqual([]);
      await journey.close();
      await photoServer.stop(true);
    });

    const photoAt = (name: string) => `http://127.0.0.1:${photoServer.port}/${name}`;

    /** Sends a body and waits for the end of its task. */
    async function finished(path: string, body: unknown) {
      const created = taskSchema.parse(await client.send("POST", path, body));
      await untilEnded(client, created.id);
      const task = taskSchema.parse(
        await client.send("GET", `/api/v1/ai-generation/tasks/${created.id}`),
      );
      const lifeMs = Date.parse(task.expiresAt) - Date.parse(task.createdAt);
      return { ...task, lifeHours: Math.round(lifeMs / 360_000) / 10 };
    }

    describe("the four bodies of the original contract", () => {
      const preprocess = (images: readonly string[]) => ({
        images,
        options: {
          compress: true,
          resize: { width: 800, height: 600, mode: "fit" },
          crop: "3:4",
          watermark: "Drape",
          format: "webp",
          quality: 80,
        },
      });

      test("generate: pictures, the prompt that they were made from, and 22 credits", async () => {
        const task = await finished("/api/ai-image/generate", {
          ...generation([photoAt("garment-1.jpg")], 2),
          sceneType: "street",
        });

        expect([task.type, task.status, task.lifeHours]).toEqual([
          "FULL_GENERATION",
          "succeeded",
          2,
        ]);
        expect(task.cost).toEqual({ held: 22, charged: 22, refunded: 0 });
        expect(task.result?.images).toHaveLength(2);
        expect(task.result?.prompt?.garment?.colors).toContain("red");
        expect([task.result?.processed, task.result?.missed]).toEqual([null, []]);
      });

      test("preprocess: each photo as the options say, 1 credit each", async () => {
        const images = [photoAt("a.jpg"), photoAt("b.jpg")];

        const task = await finished("/api/ai-image/preprocess", preprocess(images));

        expect([task.type, task.status, task.lifeHours]).toEqual([
          "PREPROCESS_ONLY",
          "succeeded",
          1,
        ]);
        expect(task.cost).toEqual({ held: 2, charged: 2, refunded: 0 });
        expect(task.progress).toEqual({ percent: 100, stepsDone: 4, stepsTotal: 4 });
        expect([task.result?.images, task.result?.prompt]).toEqual([[], null]);
        const photos = task.result?.processed ?? [];
        expect(photos.map(({ index, format }) => `${index} ${format}`)).toEqual([
          "0 webp",
          "1 webp",
        ]);
        for (const { url, bytes, height, width, done } of photos) {
          expect((await client.download(url)).byteLength).toBe(bytes);
          expect([height <= 600, width / height]).toEqual([true, expect.closeTo(0.75, 1)]);
          expect(done.length).toBeGreaterThan(0);
        }
      });

      test("generate-prompt: the prompt in both languages and what was seen of the garment, 1 credit", async () => {
        const task = await finished("/api/ai-image/generate-prompt", {
          imageUrl: photoAt("garment-1.jpg"),
          clothingType: "t-shirt",
          stylePreference: "elegant",
          sceneType: "studio",
        });

        expect([task.type, task.status, task.lifeHours]).toEqual(["PROMPT_ONLY", "succeeded", 1]);
        expect(task.cost).toEqual({ held: 1, charged: 1, refunded: 0 });
        expect(task.result?.prompt?.en).toContain("red");
        expect(task.result?.prompt?.zh).toMatch(/\p{Script=Han}/u);
        expect(task.result?.prompt?.garment).toMatchObject({ colors: ["red"] });
        expect([task.result?.images, task.result?.processed]).toEqual([[], null]);
      });

      test("generate-only: the model as it is written, pictures from a prompt alone, 10 credits each", async () => {
        const body = {
          prompt: "A red t-shirt in a studio, elegant.",
          options: { size: "1024x1024", quality: "standard", n: 2 },
          modelConfig: { model: "doubao-Seedream-4-0-250828" },
        };

        const task = await finished("/api/ai-image/generate-only", body);

        expect([task.type, task.status, task.lifeHours]).toEqual(["GENERATE_ONLY", "succeeded", 2]);
        expect(task.cost).toEqual({ held: 20, charged: 20, refunded: 0 });
        expect(task.result?.images.map(({ width, height }) => `${width}x${height}`)).toEqual([
          "1024x1024",
          "1024x1024",
        ]);
        expect([task.result?.prompt, task.result?.processed]).toEqual([null, null]);
        expect(task.input).toEqual(body);
      });

      test("generate-only with a reference: the garment of the photo is in the picture's request", async () => {
        const task = await finished("/api/ai-image/generate-only", {
          prompt: "The garment of the photo on a beach.",
          referenceImages: [photoAt("a.jpg")],
        });

        expect([task.status, task.cost.charged]).toEqual(["succeeded", 10]);
        expect(task.progress.stepsTotal).toBe(3);
        const { requests } = providerLogSchema.parse(
          await journey.providers("GET", "/control/log?route=images"),
        );
        expect(requests.at(-1)).toEqual({
          model: "doubao-seedream-4-0-250828",
          promptExcerpt: "The garment of the photo on a beach.",
          imageCount: 1,
        });
      });

      test("/create takes any of them under its type", async () => {
        const task = await finished("/api/v1/ai-generation/create", {
          type: "PREPROCESS_ONLY",
          input: preprocess([photoAt("a.jpg")]),
          priority: "low",
          metadata: { order: "17" },
        });

        expect([task.type, task.status, task.cost.charged]).toEqual([
          "PREPROCESS_ONLY",
          "succeeded",
          1,
        ]);
      });
    });

    describe("photos that stand each for itself", () => {
      test("one of three cannot be read: partial, two charged, the third told with its reason", async () => {
        const images = [photoAt("a.jpg"), photoAt("missing.jpg"), photoAt("c.jpg")];

        const task = await finished("/api/ai-image/preprocess", {
          images,
          options: { format: "webp", variants: ["card"] },
        });

        expect([task.status, task.error?.code]).toEqual(["partial", "IMAGE_SOURCE_UNREACHABLE"]);
        expect(task.cost).toEqual({ held: 3, charged: 2, refunded: 1 });
        expect(task.result?.processed?.map(({ index }) => index)).toEqual([0, 2]);
        expect(task.result?.processed?.[0]?.variants.map(({ name }) => name)).toEqual(["card"]);
        expect(task.result?.missed).toEqual([
          {
            index: 1,
            code: "IMAGE_SOURCE_UNREACHABLE",
            message: expect.stringMatching(/^Photo 2: http.*\/missing\.jpg/),
            pointer: "/images/1",
          },
        ]);
      });

      test("none can be read: failed, everything returned, each told with its reason", async () => {
        const images = [photoAt("missing-1.jpg"), photoAt("missing-2.jpg")];

        const task = await finished("/api/ai-image/preprocess", { images });

        expect([task.status, task.cost]).toEqual(["failed", { held: 2, charged: 0, refunded: 2 }]);
        expect(task.result?.missed.map(({ index }) => index)).toEqual([0, 1]);
      });

      test("a prompt's only photo cannot be read: failed, and no model was asked", async () => {
        const task = await finished("/api/ai-image/generate-prompt", {
          imageUrl: photoAt("missing.jpg"),
          stylePreference: "elegant",
          sceneType: "studio",
        });

        expect([task.status, task.error?.code, task.cost.charged]).toEqual([
          "failed",
          "IMAGE_SOURCE_UNREACHABLE",
          0,
        ]);
      });
    });
  });
});
