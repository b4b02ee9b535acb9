import { afterEach, describe, expect, test } from "bun:test";
import { z } from "zod";
import { freshId } from "../core/model/ids.fixture.ts";
import {
  changeSettings,
  DEFAULT_TASK_SETTINGS,
  type SettingsChange,
} from "../core/model/task-settings.ts";
import { publishWorkerConcurrency } from "../core/queue/worker-concurrency.ts";
import { openTestApp, problemOf, fullBody, type TestApp } from "../tests/test-app.ts";

const CREATE = "/api/v1/ai-generation/create";
const queueSchema = z
  .strictObject({
    position: z.number(),
    etaSeconds: z.strictObject({ p50: z.number(), p90: z.number() }).nullable(),
    blockedBy: z.string().nullable(),
  })
  .nullable();
const taskSchema = z.object({ id: z.string(), queue: queueSchema });

let app: TestApp | undefined;
afterEach(() => app?.close());

async function openApi(settings: SettingsChange = {}) {
  const opened = await openTestApp(() => ({
    settings: changeSettings(DEFAULT_TASK_SETTINGS, settings),
  }));
  app = opened;
  await publishWorkerConcurrency(opened.deps, "wkr_a", 8);
  const token = await opened.signUp("anna@example.com");
  const { store } = opened.deps;
  const userId = (await store.users.findByEmail("anna@example.com"))?.id ?? "";
  const id = freshId("trf");
  await store.credits.grant({ id, userId, amount: 1_000, reason: "test", actor: "system" });
  const create = (headers: Record<string, string> = {}) =>
    opened.post(CREATE, { type: "FULL_GENERATION", input: fullBody }, { token, headers });
  const created = async () => taskSchema.parse(await (await create()).json()).id;
  const read = (taskId: string, headers: Record<string, string> = {}) =>
    opened.app.request(`/api/v1/ai-generation/tasks/${taskId}`, {
      headers: { authorization: `Bearer ${token}`, ...headers },
    });
  return { opened, store, token, userId, create, created, read };
}

describe("the place of a waiting task", () => {
  test("is told with the time it will take, and when to ask again; not once it runs", async () => {
    const { store, created, read } = await openApi();
    const first = await created();
    const second = await created();

    const waiting = await read(second);
    await store.tasks.claim(second, "wkr_a", 15_000);
    const running = await read(second);

    const { queue } = taskSchema.parse(await waiting.json());
    expect(queue).toEqual({ position: 1, etaSeconds: { p50: 30, p90: 90 }, blockedBy: null });
    expect(waiting.headers.get("retry-after")).toBe("6");
    expect(taskSchema.parse(await running.json()).queue).toBeNull();
    expect(first).not.toBe(second);
  });

  test("is promised nothing while the queue is paused: in the task, its stream and a quote", async () => {
    const { opened, store, token, created, read } = await openApi();
    const act = { id: freshId("aud"), actor: "test", action: "x", subject: "queue", detail: {} };
    await store.queue.setPause("the bucket moves", act);
    const taskId = await created();

    const task = await read(taskId);
    const quote = await opened.post(
      "/api/v1/ai-generation/quote",
      { type: "FULL_GENERATION", input: fullBody },
      { token },
    );
    const stream = await read(`${taskId}/events`, { "last-event-id": "none" });
    const reader = stream.body?.getReader();
    let text = "";
    while (!text.includes("task.snapshot")) {
      text += new TextDecoder().decode((await reader?.read())?.value);
    }
    await reader?.cancel();

    const blocked = { etaSeconds: null, blockedBy: "paused" };
    expect(taskSchema.parse(await task.json()).queue).toEqual({ position: 0, ...blocked });
    expect(task.headers.get("etag")).toBe('"1-q0-paused"');
    expect(task.headers.get("retry-after")).toBe("10");
    expect(await quote.json()).toMatchObject(blocked);
    expect(text).toContain('"queue":{"position":0,"etaSeconds":null,"blockedBy":"paused"}');
  });

  test("is a part of the ETag, so that who polls with it sees the queue move", async () => {
    const { created, read } = await openApi();
    const first = await created();

    const etag = (await read(first)).headers.get("etag") ?? "";
    const again = await read(first, { "if-none-match": etag });

    expect([etag, again.status]).toEqual(['"1-q0"', 304]);
  });

  test("stands in lists too", async () => {
    const { opened, token, created } = await openApi();
    const ids = [await created(), await created(), await created()];

    const list = await opened.get("/api/v1/ai-generation/tasks", token);

    const { data } = z.object({ data: z.array(taskSchema) }).parse(await list.json());
    expect(data.map(({ id, queue }) => [id, queue?.position])).toEqual([
      [ids[2], 2],
      [ids[1], 1],
      [ids[0], 0],
    ]);
  });

  test("is not in a create's answer, which is given again byte for byte", async () => {
    const { create } = await openApi();
    const key = { "idempotency-key": "one" };

    const [first, again] = [await create(key), await create(key)];

    const text = await first.text();
    expect(taskSchema.parse(JSON.parse(text)).queue).toBeNull();
    expect([await again.text(), again.headers.get("idempotent-replayed")]).toEqual([text, "true"]);
  });
});

describe("a create beyond the limits", () => {
  test("of the queue is 503 with Retry-After: nothing is acknowledged or held, and replays go on", async () => {
    const { create, store, userId } = await openApi({ limits: { queueLimit: 2 } });
    const key = { "idempotency-key": "one" };
    const accepted = [await create(key), await create()];

    const refused = await create({ "idempotency-key": "two" });
    const replay = await create(key);

    expect(accepted.map(({ status }) => status)).toEqual([202, 202]);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(await problemOf(refused)).toMatchObject({ code: "QUEUE_FULL", retryable: true });
    expect(replay.status).toBe(202);
    expect(await store.credits.balance(userId)).toEqual({
      available: 1_000 - 2 * 22,
      held: 2 * 22,
    });
    expect(await store.tasks.findReplay(userId, CREATE, "two")).toBeNull();
  });

  test("of a customer is 429 with the number, and another customer is served", async () => {
    const { opened, create } = await openApi({ limits: { customerQueueLimit: 1 } });
    await create();
    const other = await opened.signUp("bert@example.com");

    const refused = await create();
    const body = { type: "FULL_GENERATION", input: fullBody };
    const others = await opened.post(CREATE, body, { token: other });

    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "30"]);
    expect(await problemOf(refused)).toMatchObject({
      code: "TOO_MANY_TASKS",
      detail: "You may have 1 tasks that wait or run: send more when some of them have ended.",
    });
    // Bert has no credits, and is told so.
    expect(others.status).toBe(402);
  });
});
