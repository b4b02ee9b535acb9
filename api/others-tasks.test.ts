import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createOne, newCustomer } from "../core/ports/contracts/store.fixture.ts";
import { openTestApp, problemOf, type TestApp } from "../tests/test-app.ts";
import { issueToken } from "./sign-in/tokens.ts";

let app: TestApp;
let bert = "";
let taskOfAnna = "";
beforeAll(async () => {
  app = await openTestApp();
  const anna = await newCustomer(app.deps.store, 100);
  const userId = await newCustomer(app.deps.store, 100);
  bert = issueToken(app.deps.jwtSecret, { userId, role: "customer" }, app.deps.clock.nowMs());
  taskOfAnna = await createOne(app.deps.store, { userId: anna, held: 10 });
});
afterAll(() => app.close());

async function problemFor(method: string, route: string, id: string) {
  const headers = { authorization: `Bearer ${bert}`, "content-type": "application/json" };
  const path = route.replace(":id", id).replace(":kind", "scene");
  const body = method === "PUT" || method === "POST" ? { body: "{}" } : {};
  const {
    instance: _,
    requestId: __,
    ...said
  } = await problemOf(await app.app.request(path, { method, headers, ...body }));
  return said;
}

describe("a task of somebody else", () => {
  test("is on every route with an id as absent as one that never was", async () => {
    const routes = app.app.routes.filter(
      ({ method, path }) => method !== "ALL" && /:id/.test(path),
    );
    const own = routes.filter(({ path }) => !path.includes("/admin/"));
    const admin = routes.filter(({ path }) => path.includes("/admin/"));

    expect(own.map(({ method, path }) => `${method} ${path}`).filter(isFirst)).toEqual([
      "GET /api/v1/ai-generation/tasks/:id",
      "DELETE /api/v1/ai-generation/tasks/:id",
      "GET /api/v1/ai-generation/tasks/:id/events",
    ]);
    for (const { method, path } of own) {
      const others = await problemFor(method, path, taskOfAnna);
      expect([method, path, others.status]).toEqual([method, path, 404]);
      expect(others).toEqual(await problemFor(method, path, "task_nobody"));
    }
    for (const { method, path } of admin) {
      expect([path, (await problemFor(method, path, taskOfAnna)).status]).toEqual([path, 403]);
    }
  });

  test("goes on as it was, and is in no list of mine", async () => {
    const task = await app.deps.store.tasks.find(taskOfAnna);
    const list = await (await app.get("/api/v1/ai-generation/tasks", bert)).text();

    expect([task?.status, task?.version]).toEqual(["queued", 1]);
    expect(list).not.toContain(taskOfAnna);
  });
});

const isFirst = (text: string, at: number, all: readonly string[]) => all.indexOf(text) === at;
