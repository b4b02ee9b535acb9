import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openTestApp, problemOf, type TestApp } from "../tests/test-app.ts";

let app: TestApp;
let chief = "";
beforeAll(async () => {
  app = await openTestApp();
  chief = await app.signUpAdmin("chief@example.com");
});
afterAll(() => app.close());

const OPEN = ["/health", "/api/v1/auth/", "/api/v1/scenes", "/api/v1/prices"];

/** Every route that the app has, so that a new one cannot be forgotten. */
function endpoints(kind: "open" | "signed-in") {
  return app.app.routes
    .filter(({ method }) => method !== "ALL")
    .filter(({ path }) => OPEN.some((start) => path.startsWith(start)) === (kind === "open"));
}

function call(path: string, method: string, token?: string): Promise<Response> {
  const headers = {
    "content-type": "application/json",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const body = method === "POST" ? { body: "{ no" } : {};
  return Promise.resolve(app.app.request(path.replace(":id", "x"), { method, headers, ...body }));
}

describe("every route of the signed in", () => {
  test("answers 401 without a token", async () => {
    expect(endpoints("signed-in").length).toBeGreaterThan(10);

    for (const { method, path } of endpoints("signed-in")) {
      expect([path, (await call(path, method)).status]).toEqual([path, 401]);
    }
  });

  test("carries the limits and what is left, whatever it answers", async () => {
    for (const { method, path } of endpoints("signed-in")) {
      const { headers } = await call(path, method, chief);
      expect([path, headers.get("ratelimit-policy")]).toEqual([path, '"burst";q=600;w=60']);
      expect(headers.get("ratelimit")).toMatch(/^"burst";r=\d+;t=\d+$/);
    }
  });

  test("is limited by customer: 429 says when to come again", async () => {
    const small = await openTestApp((real) => ({
      rateLimiter: {
        ...real.rateLimiter,
        take: async (key) => ({
          allowed: !key.startsWith("burst:"),
          remaining: 0,
          retryAfterMs: 1_500,
          resetMs: 60_000,
        }),
      },
    }));
    const token = await small.signUp("anna@example.com");

    const answer = await small.get("/api/v1/me", token);
    await small.close();

    expect(answer.headers.get("retry-after")).toBe("2");
    expect(answer.headers.get("ratelimit")).toBe('"burst";r=0;t=2');
    expect(await problemOf(answer)).toMatchObject({ status: 429, code: "RATE_LIMITED" });
  });
});

describe("what no route serves", () => {
  test("another method of a path is 405 with those that it takes, before sign-in", async () => {
    for (const [method, path, allow] of [
      ["PUT", "/api/v1/me", "GET, HEAD"],
      ["OPTIONS", "/api/v1/ai-generation/create", "POST"],
      ["HEAD", "/api/v1/ai-generation/create", "POST"],
      ["PUT", "/api/v1/ai-generation/tasks/task_x", "GET, HEAD, DELETE"],
      ["DELETE", "/api/v1/ai-generation/tasks", "GET, HEAD"],
      ["GET", "/api/v1/auth/login", "POST"],
      ["POST", "/health/live", "GET, HEAD"],
      ["PATCH", "/api/v1/admin/credits/grant", "POST"],
    ] as const) {
      const answer = await call(path, method);
      expect([path, answer.status, answer.headers.get("allow")]).toEqual([path, 405, allow]);
      if (method !== "HEAD") expect((await problemOf(answer)).code).toBe("METHOD_NOT_ALLOWED");
    }
  });

  test("an unknown path is 404 for everybody, whatever the method", async () => {
    for (const path of [
      "/api/v1/nothing",
      "/api/v1/auth/nothing",
      "/api/v1/me/",
      "/healthy",
      "/",
    ]) {
      for (const method of ["GET", "POST", "OPTIONS"]) {
        const answer = await call(path, method, chief);
        expect([path, answer.status]).toEqual([path, 404]);
        expect(answer.headers.has("allow")).toBe(false);
      }
    }
  });

  test("HEAD is served where GET is, without a body", async () => {
    const head = await call("/api/v1/credits", "HEAD", chief);

    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect(head.headers.has("ratelimit")).toBe(true);
  });
});
