import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openTestApp, problemOf, fullBody, type TestApp } from "../tests/test-app.ts";
import { changeSettings } from "../core/model/task-settings.ts";

let app: TestApp;
let anna = "";
beforeAll(async () => {
  app = await openTestApp();
  anna = await app.signUp("Anna@example.com");
});
afterAll(() => app.close());

describe("what cannot be accepted", () => {
  test("each fault names its field by a JSON Pointer", async () => {
    const faulty = {
      ...fullBody,
      clothingImages: [],
      sceneType: 5,
      options: { size: "huge", n: 99, colour: "red" },
      extra: 1,
    };

    const plain = await problemOf(
      await app.post("/api/ai-image/generate", faulty, { token: anna }),
    );
    const nested = await problemOf(
      await app.post(
        "/api/v1/ai-generation/create",
        { type: "FULL_GENERATION", input: faulty },
        { token: anna },
      ),
    );

    const pointers = plain.errors?.map(({ pointer }) => pointer) ?? [];
    expect([plain.status, plain.code]).toEqual([422, "VALIDATION_FAILED"]);
    expect(pointers).toEqual(
      expect.arrayContaining(["/clothingImages", "/sceneType", "/options/size", "/options/n"]),
    );
    expect(nested.errors?.map(({ pointer }) => pointer)).toEqual(
      pointers.map((pointer) => `/input${pointer}`),
    );
  });

  test("unknown scenes, styles and sizes are answered with those that are allowed", async () => {
    const faulty = {
      ...fullBody,
      sceneType: "moon",
      stylePreference: "baroque",
      options: { ...fullBody.options, size: "640x480" },
    };

    const { errors = [] } = await problemOf(
      await app.post("/api/ai-image/generate", faulty, { token: anna }),
    );

    expect(errors.map(({ pointer }) => pointer)).toEqual([
      "/sceneType",
      "/stylePreference",
      "/options/size",
    ]);
    expect(errors[0]?.detail).toContain("studio");
    expect(errors[2]?.detail).toContain("1024x1024");
  });

  test("image addresses that are not allowed are refused with their place", async () => {
    const clothingImages = [
      "https://example.com/a.jpg",
      "http://127.0.0.1/",
      "data:text/html;base64,AAAA",
      "file:///etc/passwd",
    ];

    const { errors = [] } = await problemOf(
      await app.post("/api/ai-image/generate", { ...fullBody, clothingImages }, { token: anna }),
    );

    expect(errors.map(({ pointer }) => pointer)).toEqual([
      "/clothingImages/1",
      "/clothingImages/2",
      "/clothingImages/3",
    ]);
  });

  test("a body that is refused for one address leaves none of its pictures in the store", async () => {
    const clothingImages = ["data:image/png;base64,iVBORw0KGgo=", "http://127.0.0.1/"];

    // The object store of this app cannot be reached: storing would fail with another code.
    const problem = await problemOf(
      await app.post("/api/ai-image/generate", { ...fullBody, clothingImages }, { token: anna }),
    );

    expect([problem.status, problem.code]).toEqual([422, "VALIDATION_FAILED"]);
    expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(["/clothingImages/1"]);
  });

  test("too few credits are 402 with what there is and what is needed", async () => {
    const problem = await problemOf(
      await app.post("/api/ai-image/generate", fullBody, { token: anna }),
    );

    expect([problem.status, problem.code, problem.balance, problem.needed]).toEqual([
      402,
      "INSUFFICIENT_CREDITS",
      0,
      22,
    ]);
    expect(problem.retryable).toBe(false);
  });

  test("creates that came to nothing take none of the tasks that a customer may have", async () => {
    const settings = changeSettings(app.deps.settings, { limits: { customerQueueLimit: 2 } });
    const small = await openTestApp(() => ({ settings }));
    const token = await small.signUp("bo@example.com");

    const statuses: number[] = [];
    for (let nth = 0; nth < 4; nth += 1)
      statuses.push((await small.post("/api/ai-image/generate", fullBody, { token })).status);
    await small.close();

    expect(statuses).toEqual([402, 402, 402, 402]);
  });

  test("broken JSON is 400, another type 415, a large body 413, an unknown route 404", async () => {
    const broken = await problemOf(
      await app.post("/api/ai-image/generate", "{ no", { token: anna }),
    );
    const typed = await problemOf(
      await app.post("/api/ai-image/generate", fullBody, {
        token: anna,
        headers: { "content-type": "text/plain" },
      }),
    );
    const large = await problemOf(
      await app.post("/api/v1/uploads", { contentType: "x".repeat(1_100_000) }, { token: anna }),
    );
    const lost = await problemOf(await app.app.request("/api/v2/anything"));

    expect([broken.status, typed.status, large.status, lost.status]).toEqual([400, 415, 413, 404]);
  });

  test("a bad Idempotency-Key is refused, and priority high is for administrators", async () => {
    const key = await problemOf(
      await app.post("/api/ai-image/generate", fullBody, {
        token: anna,
        headers: { "idempotency-key": "a b" },
      }),
    );
    const high = await problemOf(
      await app.post(
        "/api/v1/ai-generation/create",
        { type: "FULL_GENERATION", input: fullBody, priority: "high" },
        { token: anna },
      ),
    );

    expect([key.status, high.status]).toEqual([400, 403]);
  });
});
