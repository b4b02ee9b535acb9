import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openTestApp, problemOf, fullBody, type TestApp } from "../tests/test-app.ts";

const PATH = "/api/v1/ai-generation/create";
const HOOK = "https://shop.example.com/hooks/drape?shop=1";

let app: TestApp;
let anna = "";
let annaId = "";
beforeAll(async () => {
  app = await openTestApp();
  anna = await app.signUp("anna@example.com");
  annaId = (await app.deps.store.users.findByEmail("anna@example.com"))?.id ?? "";
  await app.deps.store.credits.grant({
    id: "trf_hooks",
    userId: annaId,
    amount: 100,
    reason: "test",
    actor: "system",
  });
});
afterAll(() => app.close());

const create = (more: object) =>
  app.post(PATH, { type: "FULL_GENERATION", input: fullBody, ...more }, { token: anna });

describe("webhookUrl", () => {
  test("is kept with the task and not shown; the cancel leaves one delivery to it", async () => {
    const answer = await create({ webhookUrl: HOOK });
    const task = (await answer.json()) as { id: string };
    await app.app.request(`/api/v1/ai-generation/tasks/${task.id}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${anna}` },
    });

    expect(answer.status).toBe(202);
    expect(JSON.stringify(task)).not.toContain("hooks");
    const deliveries = await app.db.kysely.selectFrom("deliveries").selectAll().execute();
    expect(deliveries).toMatchObject([
      {
        taskId: task.id,
        userId: annaId,
        url: HOOK,
        type: "task.canceled",
        state: "pending",
        attempts: 0,
      },
    ]);
    expect(deliveries[0]?.id).toMatch(/^whk_/);
  });

  test("must be a complete https address without user name and password, 2,048 characters at most", async () => {
    const bad = [
      "http://shop.example.com/",
      "https://anna:secret@shop.example.com/",
      "https://anna@shop.example.com/",
      "ftp://shop.example.com/",
      "/hooks",
      "https://shop.example.com\\@evil.test/",
      "https://shop.example.com/a b",
      "",
      `https://shop.example.com/${"x".repeat(2048)}`,
      5,
    ];

    for (const webhookUrl of bad) {
      const { status, errors } = await problemOf(await create({ webhookUrl }));
      expect([webhookUrl, status, errors?.[0]?.pointer]).toEqual([webhookUrl, 422, "/webhookUrl"]);
    }
  });

  test("a frozen account is told so in plain words, with 403 and not to try again", async () => {
    await app.deps.store.credits.holdAccounts([{ account: annaId, reason: "I1: inner words" }]);

    const answer = await problemOf(await create({}));

    expect(answer).toMatchObject({ status: 403, code: "ACCOUNT_FROZEN", retryable: false });
    expect(answer.detail).not.toContain("inner words");
  });
});
