import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId } from "../../core/model/ids.ts";
import { newCustomer } from "../../core/ports/contracts/store.fixture.ts";
import { fullBody, openTestApp, problemOf, type TestApp } from "../../tests/test-app.ts";
import { issueToken, TOKEN_LIFE_S } from "./tokens.ts";

let app: TestApp;
let userId = "";
beforeAll(async () => {
  app = await openTestApp();
  userId = await newCustomer(app.deps.store, 100);
});
afterAll(() => app.close());

const nowS = () => Math.floor(app.deps.clock.nowMs() / 1_000);

/** Signed as ours are, with these claims in the place of the usual ones. */
function tokenWith(change: object = {}): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const usual = { iss: "drape", aud: "drape-api", use: "access", sub: userId, role: "customer" };
  const times = { iat: nowS(), exp: nowS() + TOKEN_LIFE_S };
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ ...usual, ...times, ...change })}`;
  return `${signed}.${createHmac("sha256", app.deps.jwtSecret).update(signed).digest("base64url")}`;
}

const read = (token: string) => app.get("/api/v1/credits", token);

describe("an access token", () => {
  test("that has expired is told as such, with the cure", async () => {
    const token = tokenWith({ iat: nowS() - 4_000, exp: nowS() - 400 });

    const answer = await read(token);
    const problem = await problemOf(answer.clone());

    expect([problem.status, problem.code]).toEqual([401, "TOKEN_EXPIRED"]);
    expect(problem.detail).toContain("sign in again");
    expect(answer.headers.get("www-authenticate")).toContain('error="invalid_token"');
  });

  test("that has expired and is not ours is no better than any other", async () => {
    const problem = await problemOf(await read(`${tokenWith({ exp: 1 }).slice(0, -2)}AA`));

    expect(problem.code).toBe("UNAUTHENTICATED");
  });

  test("is taken for its audience as a text or in a list, and from 30 s in the future", async () => {
    for (const change of [
      {},
      { aud: ["drape-api"] },
      { aud: ["other", "drape-api"] },
      { nbf: nowS() - 10 },
      { iat: nowS() + 20, nbf: nowS() + 20 },
    ]) {
      expect([change, (await read(tokenWith(change))).status]).toEqual([change, 200]);
    }
  });

  test("is refused for another audience, before its time, and when it lives longer than ours", async () => {
    for (const change of [
      { aud: "other" },
      { aud: [] },
      { aud: ["other"] },
      { aud: [["drape-api"]] },
      { nbf: nowS() + 60 },
      { iat: nowS() + 60, exp: nowS() + 120 },
      { exp: nowS() + TOKEN_LIFE_S + 1 },
      { exp: nowS() + 10 * 365 * 86_400 },
    ]) {
      const problem = await problemOf(await read(tokenWith(change)));
      expect([change, problem.code]).toEqual([change, "UNAUTHENTICATED"]);
    }
  });
});

describe("a user who is gone", () => {
  test("is 401 on every route for the signed in, at once", async () => {
    const gone = newId("usr", app.deps.clock.nowMs(), app.deps.random);
    await app.deps.store.users.create({
      id: gone,
      email: "gone@example.com",
      passwordHash: null,
      role: "admin",
      createdAtMs: app.deps.clock.nowMs(),
    });
    const token = issueToken(
      app.deps.jwtSecret,
      { userId: gone, role: "admin" },
      app.deps.clock.nowMs(),
    );
    expect((await app.get("/api/v1/me", token)).status).toBe(200);
    await app.db.kysely.deleteFrom("users").where("id", "=", gone).execute();
    const routes = app.app.routes.filter(
      ({ method, path }) =>
        method !== "ALL" && !/^\/(?:health|api\/v1\/(?:auth|scenes|prices))/.test(path),
    );

    const codes: (readonly unknown[])[] = [];
    for (const { method, path } of routes) {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const body = method === "POST" || method === "PUT" ? JSON.stringify(fullBody) : undefined;
      const init = { method, headers, ...(body === undefined ? {} : { body }) };
      const answer = await app.app.request(path.replaceAll(/:\w+/g, "a"), init);
      const { status, code, detail } = await problemOf(answer);
      codes.push([method, path, status, code, detail.includes("is no more")]);
    }

    expect(new Set(routes.map(({ path }) => path)).size).toBeGreaterThanOrEqual(20);
    expect(
      codes.filter(([, , ...rest]) => JSON.stringify(rest) !== '[401,"UNAUTHENTICATED",true]'),
    ).toEqual([]);
  });
});
