import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openTestApp, type TestApp } from "../tests/test-app.ts";
import { createOne, newCustomer } from "../core/ports/contracts/store.fixture.ts";
import { issueToken } from "./sign-in/tokens.ts";

const SHOP = "https://shop.example.com";
const GENERATE = "/api/ai-image/generate";
const UPLOADS = "/api/v1/uploads";

let app: TestApp;
let development: TestApp;
let token = "";
let taskPath = "";
beforeAll(async () => {
  app = await openTestApp((real) => ({
    corsOrigins: [SHOP],
    // A browser is not refused its question by a limit.
    rateLimiter: {
      ...real.rateLimiter,
      take: async () => ({ allowed: true, remaining: 1, retryAfterMs: 0, resetMs: 0 }),
    },
  }));
  development = await openTestApp(() => ({ corsOrigins: "loopback" }));
  const userId = await newCustomer(app.deps.store, 100);
  token = issueToken(app.deps.jwtSecret, { userId, role: "customer" }, app.deps.clock.nowMs());
  taskPath = `/api/v1/ai-generation/tasks/${await createOne(app.deps.store, { userId, held: 10 })}`;
});
afterAll(async () => {
  await app.close();
  await development.close();
});

/** What a browser sends before a page of another origin may send the request itself. */
function preflight(at: TestApp, path: string, origin: string, method = "POST") {
  return at.app.request(path, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": method,
      "access-control-request-headers": "authorization,content-type,idempotency-key,prefer",
    },
  });
}

function send(path: string, init: RequestInit & { headers?: Record<string, string> } = {}) {
  const headers = { origin: SHOP, authorization: `Bearer ${token}`, ...init.headers };
  return app.app.request(path, { ...init, headers });
}

const allowed = (answer: Response) => answer.headers.get("access-control-allow-origin");
const listOf = (answer: Response, name: string) =>
  (answer.headers.get(name) ?? "").split(/\s*,\s*/).map((one) => one.toLowerCase());

describe("a preflight", () => {
  test("of a page that may call is answered before sign-in, with all that the routes understand", async () => {
    for (const [path, method] of [
      [GENERATE, "POST"],
      ["/api/v1/auth/login", "POST"],
      [`${taskPath}/events`, "GET"],
      [taskPath, "DELETE"],
      ["/api/v1/admin/presets/scene/roof", "PUT"],
    ] as const) {
      const answer = await preflight(app, path, SHOP, method);

      expect([path, answer.status, allowed(answer)]).toEqual([path, 204, SHOP]);
      expect(listOf(answer, "access-control-allow-methods")).toContain(method.toLowerCase());
      expect(listOf(answer, "access-control-allow-headers")).toEqual(
        expect.arrayContaining([
          "authorization",
          "content-type",
          "idempotency-key",
          "prefer",
          "if-none-match",
          "last-event-id",
        ]),
      );
      expect(answer.headers.get("vary")).toContain("Origin");
      expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
    }
  });

  test("of another page allows nothing", async () => {
    const near = ["https://shop.example.com.evil.example", "https://evil.example", "null"];
    for (const origin of [...near, "http://shop.example.com", "http://localhost:5173"]) {
      const answer = await preflight(app, GENERATE, origin);

      expect([origin, allowed(answer)]).toEqual([origin, null]);
      expect(answer.headers.get("access-control-allow-headers")).toBeNull();
      expect(answer.headers.get("vary")).toContain("Origin");
    }
  });

  test("an OPTIONS that is none is a method that the path does not take", async () => {
    const answer = await app.app.request(GENERATE, { method: "OPTIONS" });

    expect(answer.status).toBe(405);
  });
});

describe("a page of another origin", () => {
  test("sees every header that it needs, on answers, errors, streams and what is not modified", async () => {
    const json = { "content-type": "application/json" };
    const read = await send(taskPath);
    const stream = await send(`${taskPath}/events`);
    await stream.body?.cancel();
    const answers = [
      read,
      stream,
      await send(taskPath, { headers: { "if-none-match": read.headers.get("etag") ?? "" } }),
      await send(UPLOADS, { method: "POST", headers: json, body: '{"contentType":"image/png"}' }),
      await send(UPLOADS, { method: "POST", headers: json, body: "{}" }),
      await send(taskPath, { headers: { authorization: "" } }),
      await send("/api/v1/nothing"),
      await send(UPLOADS, { method: "POST", headers: json, body: "x".repeat(1_100_000) }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 304, 201, 422, 401, 404, 413]);
    for (const answer of answers) {
      expect([answer.status, allowed(answer)]).toEqual([answer.status, SHOP]);
      expect(listOf(answer, "access-control-expose-headers").toSorted()).toEqual(
        [
          "location",
          "retry-after",
          "etag",
          "link",
          "ratelimit",
          "ratelimit-policy",
          "x-request-id",
          "idempotent-replayed",
          "preference-applied",
        ].toSorted(),
      );
      expect(answer.headers.get("vary")).toContain("Origin");
      expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
    }
  });

  test("that is not named sees nothing, and caches keep its answer apart", async () => {
    const answer = await send(taskPath, { headers: { origin: "https://evil.example" } });
    const without = await app.get(taskPath, token);

    expect([allowed(answer), allowed(without)]).toEqual([null, null]);
    expect([answer.headers.get("vary"), without.headers.get("vary")]).toEqual(["Origin", "Origin"]);
  });

  test("may read what is public, whoever it is", async () => {
    for (const path of ["/api/v1/scenes", "/health/live"]) {
      const answer = await send(path, { headers: { origin: "https://anybody.example" } });
      const question = await preflight(app, path, "https://anybody.example", "GET");

      expect([allowed(answer), allowed(question)]).toEqual(["*", "*"]);
    }
  });
});

describe("in development", () => {
  test("pages of this machine may call, and no others", async () => {
    const own = [
      "http://localhost:5173",
      "http://127.0.0.1:3000",
      "https://[::1]:8443",
      "http://shop.localhost",
    ];
    for (const origin of own) {
      expect([origin, allowed(await preflight(development, GENERATE, origin))]).toEqual([
        origin,
        origin,
      ]);
    }
    for (const origin of [
      "http://localhost.evil.example",
      "http://127.0.0.1.evil.example",
      "null",
      "http://10.0.0.1",
    ]) {
      expect([origin, allowed(await preflight(development, GENERATE, origin))]).toEqual([
        origin,
        null,
      ]);
    }
  });
});
