import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { claimedTask, finish, imageDone } from "../core/ports/contracts/store.fixture.ts";
import type { Usage } from "../core/model/usage-meter.ts";
import { openTestApp, problemOf, type TestApp } from "../tests/test-app.ts";

const COSTS = "/api/v1/admin/costs";
const nothing = { calls: 0, megabyteMs: 0, images: 0, inputTokens: 0, outputTokens: 0, bytes: 0 };
const ark: Usage = {
  function: "image-generator",
  provider: "ark",
  ...nothing,
  images: 2,
  bytes: 5,
};
const own: Usage = { ...ark, ...nothing, provider: "", calls: 1, megabyteMs: 2_048_000 };

describe("what the tasks cost the operator", () => {
  let app: TestApp;
  let chief = "";
  beforeAll(async () => {
    app = await openTestApp();
    chief = await app.signUpAdmin("chief@example.com");
  });
  afterAll(() => app.close());

  test("stands next to what their customers were charged", async () => {
    const { store } = app.deps;
    const { taskId, claim } = await claimedTask(store);
    await store.tasks.checkpoint(claim, [imageDone(0, taskId)]);
    await store.usage.add(taskId, [ark, own]);
    const end = await store.tasks.settle({ ...finish(taskId), fence: claim.fence });

    const body = await (await app.get(COSTS, chief)).json();
    const task = await (await app.get(`/api/v1/admin/tasks/${taskId}`, chief)).json();

    const { megabyteMs: _, ...arkLine } = ark;
    const { megabyteMs: __, ...ownLine } = own;
    expect(body).toMatchObject({
      currency: "CNY",
      cost: 0,
      complete: false,
      lines: [
        { ...ownLine, gbSeconds: 2, cost: null },
        { ...arkLine, gbSeconds: 0, cost: null },
      ],
      tasksEnded: 1,
      credits: { charged: end?.postedCredits ?? -1, released: end?.releasedCredits ?? -1 },
    });
    expect(task).toMatchObject({ id: taskId, usage: [{ gbSeconds: 2 }, { images: 2 }] });
  });

  test("is told for a period, which has a limit", async () => {
    const past = await app.get(`${COSTS}?from=2001-01-01T00:00:00Z&to=2001-02-01T00:00:00Z`, chief);
    const tooLong = await app.get(`${COSTS}?from=2001-01-01T00:00:00Z`, chief);
    const backwards = await app.get(
      `${COSTS}?from=2001-02-01T00:00:00Z&to=2001-01-01T00:00:00Z`,
      chief,
    );
    const unreadable = await app.get(`${COSTS}?from=yesterday`, chief);

    expect(await past.json()).toMatchObject({ lines: [], complete: true, tasksEnded: 0 });
    for (const refused of [tooLong, backwards, unreadable]) {
      const problem = await problemOf(refused);
      expect([refused.status, problem.errors?.[0]?.pointer]).toEqual([422, "/from"]);
    }
  });

  test("is no customer's to see", async () => {
    const anna = await app.signUp("anna@example.com");

    expect((await app.get(COSTS, anna)).status).toBe(403);
    expect((await app.get(COSTS)).status).toBe(401);
  });
});
