import { afterEach, describe, expect, test } from "bun:test";
import { z } from "zod";
import { DrapeError } from "../core/model/errors.ts";
import { freshId } from "../core/model/ids.fixture.ts";
import { openTestApp, problemOf, fullBody, type TestApp } from "../tests/test-app.ts";
import type { ApiDeps } from "./context.ts";

const CREATE = "/api/ai-image/generate";
const away = () => Promise.reject(new DrapeError("UNAVAILABLE", "it is away"));

let app: TestApp | undefined;
afterEach(() => app?.close());

/** An app where customer Anna has credits, with some dependencies scripted. */
async function openApi(change: (real: ApiDeps) => Partial<ApiDeps>) {
  const opened = await openTestApp(change);
  app = opened;
  const token = await opened.signUp("anna@example.com");
  const userId = (await opened.deps.store.users.findByEmail("anna@example.com"))?.id ?? "";
  const id = freshId("trf");
  await opened.deps.store.credits.grant({
    id,
    userId,
    amount: 1_000,
    reason: "test",
    actor: "system",
  });
  const create = (headers: Record<string, string> = {}) =>
    opened.post(CREATE, fullBody, { token, headers });
  return { opened, token, userId, create };
}

describe("while Redis is away", () => {
  test("tasks are created and read all the same, and it is asked no more once its circuits are open", async () => {
    const calls = { add: 0, append: 0 };
    const fail = (name: keyof typeof calls) => () => {
      calls[name] += 1;
      return away();
    };
    const { opened, token, create } = await openApi((real) => ({
      rateLimiter: { take: away, close: async () => undefined },
      queue: { add: fail("add"), waiting: away, close: async () => undefined },
      events: { ...real.events, append: fail("append"), read: away, wait: away },
    }));

    const answers: Response[] = [];
    for (let count = 0; count < 30; count += 1) answers.push(await create());
    const list = await opened.get("/api/v1/ai-generation/tasks?limit=100", token);

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
    expect(z.object({ data: z.array(z.unknown()) }).parse(await list.json()).data).toHaveLength(30);
    expect(answers[0]?.headers.get("ratelimit")).toBe('"burst";r=600;t=0');
    // Five of each circuit, and those that check after its rest whether it is healthy again.
    expect(calls.add).toBeLessThan(15);
    expect(calls.append).toBeLessThan(15);
  });

  test("a stream of events tells from the database how a task stands, and ends with it", async () => {
    const { opened, token, create } = await openApi((real) => ({
      events: { ...real.events, append: away, read: away, wait: away },
    }));
    const path = (await create()).headers.get("location") ?? "";
    const headers = { authorization: `Bearer ${token}` };
    await opened.app.request(path, { method: "DELETE", headers });

    const stream = await (await opened.get(`${path}/events`, token)).text();

    expect(stream).toContain("event: task.snapshot");
    expect(stream).toContain('"status":"canceled"');
  });

  test("waiting for a task's end is answered by the database", async () => {
    const { create } = await openApi((real) => ({
      events: { ...real.events, append: away, read: away, wait: away },
    }));

    const answer = await create({ prefer: "wait=1" });

    expect([answer.status, answer.headers.get("preference-applied")]).toEqual([202, "wait=1"]);
  });
});

describe("while the database is away", () => {
  test("creates are refused at once when its circuit is open, and nothing is acknowledged", async () => {
    let failing = false;
    let calls = 0;
    const { opened, token, userId, create } = await openApi((real) => ({
      async createTask(task) {
        calls += 1;
        return failing ? away() : real.createTask(task);
      },
    }));
    failing = true;
    for (let count = 0; count < 5; count += 1) await create();
    failing = false;

    const answers = await Promise.all(Array.from({ length: 20 }, () => create()));
    const list = await opened.get("/api/v1/ai-generation/tasks", token);

    for (const answer of answers) {
      expect(await problemOf(answer)).toMatchObject({ code: "UNAVAILABLE", retryable: true });
      expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
    }
    expect([calls, list.status]).toEqual([5, 503]);
    expect(await opened.deps.store.tasks.list({ userId, limit: 10 })).toEqual([]);
  });

  test("presets that cannot be read open the circuit too", async () => {
    let calls = 0;
    const { create } = await openApi((real) => ({
      presets: {
        ...real.presets,
        list() {
          calls += 1;
          return away();
        },
      },
    }));

    for (let count = 0; count < 20; count += 1) await create();

    expect(calls).toBe(5);
  });

  test("what a customer does wrong opens no circuit", async () => {
    const { create, opened, token } = await openApi(() => ({}));

    for (let count = 0; count < 30; count += 1) {
      await opened.post(CREATE, { ...fullBody, sceneType: "moon" }, { token });
      await opened.get("/api/v1/ai-generation/tasks/task_none", token);
    }

    expect((await create()).status).toBe(202);
  });
});
