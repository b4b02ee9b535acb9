import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { z } from "zod";
import { TERMINAL_STATUSES } from "../core/model/task.ts";
import { SIGNED_URL_WINDOW_MS } from "../core/ports/cloud.ts";
import { createOne, newCustomer } from "../core/ports/contracts/store.fixture.ts";
import { BEFORE_FIRST_EVENT, EVENT_LOG_LIMITS } from "../core/ports/event-log.ts";
import { EmbeddedEventLog } from "../redis/embedded-event-log.ts";
import { openTestApp, type TestApp } from "../tests/test-app.ts";
import { RIGHT_BODIES, TASK_ROUTES } from "./task-bodies.fixture.ts";
import { issueToken } from "./sign-in/tokens.ts";

const TASKS = "/api/v1/ai-generation/tasks";

let app: TestApp;
let userId = "";
let token = "";
let offsetMs = 0;
beforeAll(async () => {
  app = await openTestApp(({ clock }) => {
    const startMs = Math.floor(clock.nowMs() / SIGNED_URL_WINDOW_MS) * SIGNED_URL_WINDOW_MS;
    return { clock: { ...clock, nowMs: () => startMs + offsetMs } };
  });
  userId = await newCustomer(app.deps.store, 1_000);
  token = issueToken(app.deps.jwtSecret, { userId, role: "customer" }, app.deps.clock.nowMs());
});
afterAll(() => app.close());

describe("a stream", () => {
  for (const status of TERMINAL_STATUSES) {
    test(`ends at task.${status}, without waiting for a look at the database`, async () => {
      const taskId = await createOne(app.deps.store, { userId, held: 10 });
      await app.deps.events.append(taskId, 1, [{ type: "task.queued", reason: "created" }]);
      await app.deps.events.append(taskId, 2, [
        { type: `task.${status}`, postedCredits: 1, releasedCredits: 9, error: null },
      ]);

      const text = await (await app.get(`${TASKS}/${taskId}/events`, token)).text();

      expect(text.match(/^event: .*$/gm)).toEqual(["event: task.queued", `event: task.${status}`]);
    }, 8_000);
  }
});

describe("the ETag", () => {
  async function tagsOf(type: "PREPROCESS_ONLY" | "PROMPT_ONLY"): Promise<(string | null)[]> {
    const answer = await app.post(TASK_ROUTES[type], RIGHT_BODIES[type], { token });
    const { id } = z.object({ id: z.string() }).parse(await answer.json());
    const tags: (string | null)[] = [];
    for (const atMs of [0, SIGNED_URL_WINDOW_MS - 1, SIGNED_URL_WINDOW_MS]) {
      offsetMs = atMs;
      tags.push((await app.get(`${TASKS}/${id}`, token)).headers.get("etag"));
    }
    offsetMs = 0;
    return tags;
  }

  test("of processed photos moves with their URLs, and of a prompt it does not", async () => {
    const [first, before, after] = await tagsOf("PREPROCESS_ONLY");
    const prompts = await tagsOf("PROMPT_ONLY");

    expect([before === first, after === first]).toEqual([true, false]);
    expect(new Set(prompts).size).toBe(1);
  });
});

describe("events", () => {
  test("expire an hour after the last one of their task", async () => {
    let nowMs = 1_000;
    const log = new EmbeddedEventLog({ nowMs: () => nowMs });
    await log.append("task_a", 1, [{ type: "task.queued", reason: "created" }]);
    nowMs += EVENT_LOG_LIMITS.lifeMs - 1;
    await log.append("task_a", 2, [{ type: "task.started", attempt: 1 }]);

    nowMs += EVENT_LOG_LIMITS.lifeMs - 1;
    const kept = await log.read("task_a", BEFORE_FIRST_EVENT);
    nowMs += 1;
    const gone = await log.read("task_a", BEFORE_FIRST_EVENT);

    expect([kept.length, gone.length]).toEqual([2, 0]);
  });
});
