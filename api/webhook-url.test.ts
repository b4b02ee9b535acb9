import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openTestApp, problemOf, fullBody, type TestApp } from "../tests/test-app.ts";

const PATH = "/api/v1/ai-generation/create";

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
  test("is refused as long as nothing is sent, with what to do instead", async () => {
    const values = [
      "https://shop.example.com/hooks/drape?shop=1",
      "http://shop.example.com/",
      "",
      5,
    ];

    for (const webhookUrl of values) {
      const { status, errors } = await problemOf(await create({ webhookUrl }));
      expect([status, errors?.[0]?.pointer]).toEqual([422, "/webhookUrl"]);
      expect(errors?.[0]?.detail).toStartWith("not available yet: leave it out");
    }
    expect(await app.db.kysely.selectFrom("tasks").select("id").execute()).toEqual([]);
  });

  test("a frozen account is told so in plain words, with 403 and not to try again", async () => {
    await app.deps.store.credits.holdAccounts([{ account: annaId, reason: "I1: inner words" }]);

    const answer = await problemOf(await create({}));

    expect(answer).toMatchObject({ status: 403, code: "ACCOUNT_FROZEN", retryable: false });
    expect(answer.detail).not.toContain("inner words");
  });
});
