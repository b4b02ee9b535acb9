import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { DemoClient, DemoTask } from "../../local/demo/demo-client.ts";
import {
  generation,
  openJourney,
  sampleBytes,
  untilEnded,
  uploadSample,
  type Journey,
} from "../journey.ts";
import { onEachStack } from "../stacks.ts";

describe("with previews of the garment", () => {
  let journey: Journey;
  beforeAll(async () => {
    journey = await openJourney({ plainPictures: false });
  });
  afterAll(async () => {
    expect(await journey.broken()).toEqual([]);
    await journey.close();
  });

  test("the pictures are previews of the size as asked, and the prompt names the garment's colour", async () => {
    const client = await journey.customer(100);

    const { task } = await wholeJob(client, await uploadSample(client));

    expect(task.status).toBe("succeeded");
    expect(sizesOf(task)).toEqual(["1024x1024 preview", "1024x1024 preview"]);
    expect(task.result?.prompt?.en).toContain("red");
  });
});

onEachStack((stack) => {
  describe(`on ${stack.name}`, () => {
    let journey: Journey;
    let client: DemoClient;
    let photo = "";
    beforeAll(async () => {
      journey = await openJourney({ environment: await stack.environment() });
      client = await journey.customer(1_000);
      photo = await uploadSample(client);
    });
    afterAll(async () => {
      expect(await journey.broken()).toEqual([]);
      await journey.close();
    });

    describe("the main job over HTTP", () => {
      test("photos in, pictures out: every step told, the size as asked, credits settled", async () => {
        const { task, types } = await wholeJob(client, photo);

        const [image] = task.result?.images ?? [];
        expect(types.slice(0, 2)).toEqual(["task.queued", "task.started"]);
        expect(types.at(-1)).toBe("task.succeeded");
        // Each picture once as it was generated, then once as it is delivered.
        expect(types.filter((type) => type === "task.image.preview")).toHaveLength(2);
        expect(types.filter((type) => type === "task.image")).toHaveLength(2);
        expect(task.cost).toEqual({ held: 22, charged: 22, refunded: 0 });
        expect(sizesOf(task)).toEqual(["1024x1024 preview", "1024x1024 preview"]);
        expect((await client.download(image?.url ?? "")).byteLength).toBe(image?.bytes ?? 0);
      });

      test("one of four images refused by the model: partial, three charged, one returned", async () => {
        await journey.providers("POST", "/control/faults", {
          route: "images",
          kind: "refuse",
          skip: 1,
          times: 1,
        });
        const created = await client.createTask(generation([photo], 4));

        const task = await untilEnded(client, created.id);

        expect([task.status, task.error?.code, task.result?.images.length]).toEqual([
          "partial",
          "CONTENT_REJECTED",
          3,
        ]);
        expect(task.cost).toEqual({ held: 42, charged: 32, refunded: 10 });
        const [missed] = task.result?.missed ?? [];
        expect(task.result?.missed).toHaveLength(1);
        expect(task.error?.message).toStartWith(
          `Image ${(missed?.index ?? -1) + 1}: The finished image`,
        );
      });

      test("a create with Prefer: wait answers with the finished task", async () => {
        const response = await client.raw(
          "POST",
          "/api/ai-image/generate",
          generation([photo], 1),
          {
            headers: { prefer: "wait=50" },
          },
        );

        expect(response.status).toBe(200);
        expect(response.headers.get("preference-applied")).toBe("wait=50");
        expect(await response.json()).toMatchObject({ status: "succeeded" });
      });

      test("the same Idempotency-Key gives the same answer, byte for byte, and makes one task", async () => {
        const before = await journey.store.credits.balance(client.userId);
        const key = { headers: { "idempotency-key": '"order-17"' } };
        const body = generation([photo], 1);

        const answers = await Promise.all(
          Array.from({ length: 8 }, () => client.raw("POST", "/api/ai-image/generate", body, key)),
        );
        const texts = await Promise.all(answers.map((answer) => answer.text()));
        const other = await client.raw(
          "POST",
          "/api/ai-image/generate",
          generation([photo], 2),
          key,
        );

        expect(new Set(texts).size).toBe(1);
        expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 202));
        expect(
          answers.filter(({ headers }) => headers.get("idempotent-replayed") === "true"),
        ).toHaveLength(7);
        expect(new Set(answers.map(({ headers }) => headers.get("location"))).size).toBe(1);
        expect([other.status, await other.json()]).toEqual([
          422,
          expect.objectContaining({ code: "IDEMPOTENCY_KEY_REUSED" }),
        ]);
        await untilEnded(client, JSON.parse(texts[0] ?? "{}").id);
        const after = await journey.store.credits.balance(client.userId);
        expect((before?.available ?? 0) - (after?.available ?? 0)).toBe(12);
      });

      test("a canceled task costs nothing, and canceling again says the same", async () => {
        const created = await client.createTask(generation([photo], 4));

        const first = await client.send("DELETE", `/api/v1/ai-generation/tasks/${created.id}`);
        const second = await client.send("DELETE", `/api/v1/ai-generation/tasks/${created.id}`);

        expect(first).toMatchObject({
          canceled: true,
          status: "canceled",
          cost: { held: 42, charged: 0, refunded: 42 },
        });
        expect(second).toMatchObject({ canceled: true, status: "canceled" });
      });

      test("a stream resumes after the last event that was seen", async () => {
        const created = await client.createTask(generation([photo], 1));
        await untilEnded(client, created.id);
        const all = await collect(client.follow(created.id));

        const rest = await collect(client.follow(created.id, all[3]?.id ?? ""));
        const unknown = await collect(client.follow(created.id, "none"));

        expect(rest).toEqual(all.slice(4));
        expect(unknown[0]?.type).toBe("task.snapshot");
      });

      test("a poll with the newest ETag is answered by 304", async () => {
        const created = await client.createTask(generation([photo], 1));
        await untilEnded(client, created.id);
        const path = `/api/v1/ai-generation/tasks/${created.id}`;

        const first = await client.raw("GET", path);
        const second = await client.raw("GET", path, undefined, {
          headers: { "if-none-match": first.headers.get("etag") ?? "" },
        });

        expect([first.status, second.status]).toEqual([200, 304]);
      });

      test("a data: URI is taken like an upload", async () => {
        const uri = `data:image/jpeg;base64,${Buffer.from(await sampleBytes()).toString("base64")}`;

        const created = await client.createTask(generation([uri], 1));

        expect((await untilEnded(client, created.id)).status).toBe("succeeded");
      });
    });

    async function collect<T>(events: AsyncGenerator<T>): Promise<T[]> {
      const all: T[] = [];
      for await (const event of events) all.push(event);
      return all;
    }
  });
});

async function wholeJob(client: DemoClient, photo: string) {
  const created = await client.createTask(generation([photo], 2));
  const types: string[] = [];
  for await (const { type } of client.follow(created.id)) types.push(type);
  return { types, task: await client.readTask(created.id) };
}

function sizesOf({ result }: DemoTask): readonly string[] {
  return (result?.images ?? []).map(
    ({ width, height, provider }) => `${width}x${height} ${provider}`,
  );
}
