import { afterEach, describe, expect, test } from "bun:test";
import { z } from "zod";
import { newCustomer } from "../core/ports/contracts/store.fixture.ts";
import { fullBody, openTestApp, type TestApp } from "../tests/test-app.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { issueToken } from "./sign-in/tokens.ts";

const CREATE = "/api/ai-image/generate";
const WRONG_BY_MS = 7 * 60_000;
const taskSchema = z.object({
  id: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});

let app: TestApp | undefined;
afterEach(() => app?.close());

/** An api whose own clock is slow, and a customer of it. */
async function openSlowApi() {
  const clock = { ...systemClock, nowMs: () => systemClock.nowMs() - WRONG_BY_MS };
  const opened = await openTestApp(() => ({ clock }));
  app = opened;
  const userId = await newCustomer(opened.deps.store, 100);
  const who = { userId, role: "customer" } as const;
  return { opened, token: issueToken(opened.deps.jwtSecret, who, clock.nowMs()) };
}

async function taskOf(answer: Response) {
  return taskSchema.parse(await answer.json());
}

describe("the times of a task", () => {
  test("are the database's, the same in the create's answer, in its replay and in a later read", async () => {
    const { opened, token } = await openSlowApi();
    const call = { token, headers: { "idempotency-key": "once" } };

    const created = await taskOf(await opened.post(CREATE, fullBody, call));
    const replayed = await taskOf(await opened.post(CREATE, fullBody, call));
    const read = await taskOf(await opened.get(`/api/v1/ai-generation/tasks/${created.id}`, token));

    expect(created).toEqual(read);
    expect(replayed).toEqual(read);
    const ageMs = systemClock.nowMs() - Date.parse(read.createdAt);
    expect(Math.abs(ageMs)).toBeLessThan(WRONG_BY_MS / 2);
    expect(Date.parse(read.expiresAt) - Date.parse(read.createdAt)).toBe(2 * 3_600_000);
  });
});
