import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { z } from "zod";
import type { DemoClient } from "../../local/demo/demo-client.ts";
import { generation, openJourney, untilEnded, uploadSample, type Journey } from "../journey.ts";
import { until } from "../until.ts";

const logSchema = z.object({
  entries: z.array(z.object({ action: z.string(), dataId: z.string(), reply: z.string() })),
});

/** The whole product with the content check on, over the official SDK and the emulated cloud. */
describe("with the content check on", () => {
  let journey: Journey;
  let client: DemoClient;
  let photo = "";
  beforeAll(async () => {
    journey = await openJourney({ environment: { CONTENT_CHECK: "tencent" } });
  });
  beforeEach(async () => {
    client = await journey.customer(200);
    photo = await uploadSample(client);
  });
  afterEach(async () => {
    await journey.control("DELETE", "/control/moderation");
  });
  afterAll(async () => {
    expect(await journey.broken()).toEqual([]);
    await journey.close();
  });

  const say = (match: string, suggestion: string) =>
    journey.control("POST", "/control/moderation/rules", { kind: "picture", match, suggestion });
  const calls = async () =>
    logSchema.parse(await journey.control("GET", "/control/moderation/log")).entries;

  test("photo and images are looked at, and what is harmless is delivered", async () => {
    const created = await client.createTask(generation([photo], 2));

    const task = await untilEnded(client, created.id);

    expect([task.status, task.result?.images.length]).toEqual(["succeeded", 2]);
    const ids = (await calls()).map(({ action, dataId }) => `${action} ${dataId}`).sort();
    expect(ids).toEqual(
      ["image-1", "image-2", "photo-1"].map((what) => `ImageModeration ${task.id}-${what}`),
    );
  });

  test("an image that is blocked returns its price; a doubtful one is delivered", async () => {
    await say("generate-0", "Block");
    await say("generate-1", "Review");
    const created = await client.createTask(generation([photo], 2));

    const task = await untilEnded(client, created.id);

    expect([task.status, task.error?.code]).toEqual(["partial", "CONTENT_REJECTED"]);
    expect(task.result?.images.map(({ index }) => index)).toEqual([1]);
    expect(task.cost).toEqual({ held: 22, charged: 12, refunded: 10 });
    expect(journey.lines.join("\n")).toContain("content passed with a doubt");
  });

  test("a photo that is blocked ends the task, free", async () => {
    await say(`u/${client.userId}/in/`, "Block");
    const created = await client.createTask(generation([photo], 1));

    const task = await untilEnded(client, created.id);

    expect([task.status, task.error?.code]).toEqual(["failed", "CONTENT_REJECTED"]);
    expect(task.cost.charged).toBe(0);
  });

  test("while the service is away images wait, and are delivered once it is back, each bought once", async () => {
    await journey.providers("DELETE", "/control/log");
    const created = await client.createTask(generation([photo], 2));
    // The photo passes, what comes after it does not.
    await until(async () => (await calls()).length > 0);
    const away = { kind: "http", status: 503, times: 0 };
    await journey.control("POST", "/control/moderation/faults", away);
    await until(async () => (await client.readTask(created.id)).status === "queued");
    const waiting = await client.readTask(created.id);
    await journey.control("DELETE", "/control/moderation");

    const task = await untilEnded(client, created.id);

    expect(waiting.result?.images ?? []).toEqual([]);
    expect([task.status, task.attempts, task.result?.images.length]).toEqual(["succeeded", 1, 2]);
    const log = await journey.providers("GET", "/control/log?route=images");
    expect(z.object({ requests: z.array(z.unknown()) }).parse(log).requests).toHaveLength(2);
  });

  test("neither words nor signed addresses are in the log", () => {
    expect(journey.lines.join("\n")).not.toMatch(/q-signature|FileUrl/);
  });
});
