import { expect, test } from "bun:test";
import { Hono } from "hono";
import { openTestApp } from "../../tests/test-app.ts";
import type { ApiEnv } from "../context.ts";
import { problem } from "../errors.ts";
import { requestFrame } from "../middleware.ts";
import { hashPassword, verifyPassword } from "./passwords.ts";
import { createSignInRoutes } from "../routes/accounts.ts";

test("a sign-in costs the same hash, whether the address has an account, none, or one without a password", async () => {
  const counted = { hash: 0, verify: 0 };
  const passwords: NonNullable<Parameters<typeof createSignInRoutes>[1]> = {
    hash(password) {
      counted.hash += 1;
      return hashPassword(password);
    },
    verify(password, stored) {
      counted.verify += stored.startsWith("scrypt$16384$8$5$") ? 1 : 0;
      return verifyPassword(password, stored);
    },
  };
  const { deps, close } = await openTestApp();
  const app = new Hono<ApiEnv>()
    .use(requestFrame(deps))
    .route("/", createSignInRoutes(deps, passwords))
    .onError((error, c) => problem(c, error, deps.log));
  const post = async (path: string, email: string) => {
    const body = JSON.stringify({ email, password: "a wrong password" });
    const headers = { "content-type": "application/json" };
    return (await app.request(path, { method: "POST", headers, body })).status;
  };
  const createdAtMs = deps.clock.nowMs();
  const hashless = { id: "usr_w", passwordHash: null, role: "customer", createdAtMs } as const;
  await deps.store.users.create({ ...hashless, email: "wechat@example.com" });
  await deps.store.users.create({
    ...hashless,
    id: "usr_a",
    email: "anna@example.com",
    passwordHash: await hashPassword("the right password"),
  });
  // The first look-up of nobody makes the hash that all later ones are compared with.
  await post("/login", "first@example.com");

  const costs: (readonly unknown[])[] = [];
  for (const email of ["anna@example.com", "nobody@example.com", "wechat@example.com"]) {
    const before = { ...counted };
    const status = await post("/login", email);
    costs.push([status, counted.hash - before.hash, counted.verify - before.verify]);
  }
  await close();

  expect(costs).toEqual([
    [401, 0, 1],
    [401, 0, 1],
    [401, 0, 1],
  ]);
});
