import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { z } from "zod";
import { openTestApp, problemOf, fullBody, type TestApp } from "../tests/test-app.ts";

let app: TestApp;
let anna = "";
let bert = "";
beforeAll(async () => {
  app = await openTestApp();
  anna = await app.signUp("Anna@example.com");
  bert = await app.signUp("bert@example.com");
});
afterAll(() => app.close());

describe("accounts", () => {
  test("a customer signs up, signs in and reads who they are, with a new account of 0 credits", async () => {
    const login = await app.post("/api/v1/auth/login", {
      email: "anna@EXAMPLE.com",
      password: "long enough 密码",
    });
    const { token } = z.object({ token: z.string() }).parse(await login.json());

    const me = await app.app.request("/api/v1/me", {
      headers: { authorization: `Bearer ${token}` },
    });
    const credits = await app.app.request("/api/v1/credits", {
      headers: { authorization: `Bearer ${token}` },
    });

    expect(await me.json()).toMatchObject({ email: "anna@example.com", role: "customer" });
    expect(await credits.json()).toEqual({ available: 0, held: 0 });
    expect(me.headers.get("cache-control")).toBe("no-store");
  });

  test("a wrong password and an unknown address are answered alike", async () => {
    const wrong = await problemOf(
      await app.post("/api/v1/auth/login", {
        email: "anna@example.com",
        password: "not the password",
      }),
    );
    const unknown = await problemOf(
      await app.post("/api/v1/auth/login", {
        email: "nobody@example.com",
        password: "not the password",
      }),
    );

    expect([wrong.code, wrong.detail]).toEqual([unknown.code, unknown.detail]);
    expect(wrong.status).toBe(401);
  });

  test("an address that has an account is told so", async () => {
    const answer = await app.post("/api/v1/auth/register", {
      email: "ANNA@example.com",
      password: "another password",
    });

    expect((await problemOf(answer)).code).toBe("CONFLICT");
  });

  test("no route of a customer answers without a token, and it does so before it reads the body", async () => {
    for (const [method, path] of [
      ["POST", "/api/ai-image/generate"],
      ["POST", "/api/v1/ai-generation/create"],
      ["GET", "/api/v1/ai-generation/tasks/task_x"],
      ["DELETE", "/api/v1/ai-generation/tasks/task_x"],
      ["GET", "/api/v1/ai-generation/tasks/task_x/events"],
      ["POST", "/api/v1/uploads"],
      ["GET", "/api/v1/me"],
      ["GET", "/api/v1/credits"],
    ] as const) {
      const body = method === "POST" ? "{ this is not JSON" : undefined;
      for (const authorization of ["", "Bearer nonsense", `Basic ${anna}`, `Token ${anna}`]) {
        const answer = await app.app.request(path, {
          method,
          headers: { authorization, "content-type": "application/json" },
          ...(body === undefined ? {} : { body }),
        });
        expect([path, answer.status]).toEqual([path, 401]);
        expect((await problemOf(answer)).code).toBe("UNAUTHENTICATED");
      }
    }
  });
});

describe("one customer and another", () => {
  test("another's upload is as absent as one that never was", async () => {
    const upload = await app.post(
      "/api/v1/uploads",
      { contentType: "image/jpeg" },
      { token: bert },
    );
    const { objectUrl } = z.object({ objectUrl: z.string() }).parse(await upload.json());

    const { errors = [] } = await problemOf(
      await app.post(
        "/api/ai-image/generate",
        { ...fullBody, clothingImages: [objectUrl] },
        { token: anna },
      ),
    );

    expect(upload.status).toBe(201);
    expect(errors[0]).toMatchObject({ pointer: "/clothingImages/0", code: "NOT_FOUND" });
  });

  test("another's task is 404, whatever is asked of it", async () => {
    for (const [method, path] of [
      ["GET", "/api/v1/ai-generation/tasks/task_nobody"],
      ["DELETE", "/api/v1/ai-generation/tasks/task_nobody"],
      ["GET", "/api/v1/ai-generation/tasks/task_nobody/events"],
    ] as const) {
      const answer = await app.app.request(path, {
        method,
        headers: { authorization: `Bearer ${anna}` },
      });
      expect((await problemOf(answer)).code).toBe("NOT_FOUND");
    }
  });
});

describe("every answer", () => {
  test("carries the request's id, and the limits where they count", async () => {
    const given = await app.app.request("/api/v1/me", { headers: { "x-request-id": "mine-17" } });
    const odd = await app.app.request("/api/v1/me", { headers: { "x-request-id": "two words" } });
    const counted = await app.post("/api/ai-image/generate", {}, { token: anna });

    expect(given.headers.get("x-request-id")).toBe("mine-17");
    expect(odd.headers.get("x-request-id")).toStartWith("req_");
    expect(counted.headers.get("ratelimit-policy")).toBe('"burst";q=600;w=60');
    expect(counted.headers.get("ratelimit")).toMatch(/^"burst";r=\d+;t=\d+$/);
  });

  test("sign-in is limited: after 20 tries in a minute 429 with Retry-After", async () => {
    const tries = Array.from({ length: 30 }, () => app.post("/api/v1/auth/login", { email: "x" }));

    const answers = await Promise.all(tries);

    const limited = answers.filter(({ status }) => status === 429);
    expect(limited.length).toBeGreaterThanOrEqual(10);
    expect(Number(limited[0]?.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  });
});
