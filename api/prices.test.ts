import { afterAll, beforeAll, expect, test } from "bun:test";
import { changeSettings, DEFAULT_TASK_SETTINGS } from "../core/model/task-settings.ts";
import { fullBody, openTestApp, type TestApp } from "../tests/test-app.ts";

const PATH = "/api/v1/prices";
const prices = { preprocess: 2, prompt: 3, image: 7 };
let app: TestApp;
beforeAll(async () => {
  app = await openTestApp(() => ({ settings: changeSettings(DEFAULT_TASK_SETTINGS, { prices }) }));
});
afterAll(() => app.close());

test("anybody reads what is charged, and a quote counts by it", async () => {
  const shown = await app.get(PATH);
  const token = await app.signUp("anna@example.com");
  const body = { type: "FULL_GENERATION", input: { ...fullBody, options: { n: 2 } } };
  const quote = await app.post("/api/v1/ai-generation/quote", body, { token });

  expect([shown.status, await shown.json()]).toEqual([200, { unit: "credits", prices }]);
  expect(await quote.json()).toMatchObject({ credits: 2 + 3 + 14 });
});

test("who has them is told so, and any page may read them", async () => {
  const first = await app.get(PATH);
  const etag = first.headers.get("etag") ?? "";

  const again = await app.app.request(PATH, { headers: { "if-none-match": `W/${etag}` } });

  expect(again.status).toBe(304);
  expect(first.headers.get("cache-control")).toContain("public, max-age=300");
  expect(first.headers.get("access-control-allow-origin")).toBe("*");
});
