import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { freshId } from "../model/ids.fixture.ts";
import type { TaskBody } from "../model/task-inputs.ts";
import { newCustomer } from "../ports/contracts/store.fixture.ts";
import { createQueueLimits } from "../queue/admission-control.ts";
import { openTestApp, type TestApp } from "../../tests/test-app.ts";
import { acceptTask, type AcceptInput } from "./accept-task.ts";

const BODY: TaskBody = {
  type: "FULL_GENERATION",
  input: {
    clothingImages: ["https://example.com/a.jpg"],
    sceneType: "摄影棚",
    stylePreference: "elegant",
    options: { quality: "standard", n: 2 },
  },
};

let app: TestApp;
let userId = "";
beforeAll(async () => {
  app = await openTestApp();
  userId = await newCustomer(app.deps.store, 100);
});
afterAll(() => app.close());

/** What a command or a batch would hand in: no request of HTTP stands behind it. */
function accept(change: Partial<AcceptInput> = {}) {
  const deps = { ...app.deps, limits: createQueueLimits(app.deps, () => false) };
  return acceptTask(deps, {
    userId,
    role: "customer",
    at: "/3/input",
    body: BODY,
    priority: "normal",
    metadata: {},
    idempotency: null,
    render: ({ id }) => id,
    ...change,
  });
}

const faultOf = (work: Promise<unknown>) =>
  work.then(
    () => "accepted",
    (error: unknown) => error,
  );

describe("a create that no HTTP brings", () => {
  test("is completed from the catalogues and holds its price", async () => {
    const { taskId, response, replayed } = await accept();

    const task = await app.deps.store.tasks.find(taskId);
    expect([response, replayed]).toEqual([taskId, false]);
    expect(task?.input).toMatchObject({ sceneType: "studio", options: { size: "1024x1024" } });
    expect(task?.heldCredits).toBe(22);
  });

  test("is one task however often its key comes", async () => {
    const idempotency = { route: "batch", key: freshId("req"), bodyHash: "hash" };

    const [first, again] = [await accept({ idempotency }), await accept({ idempotency })];

    expect(again).toEqual({ ...first, replayed: true });
  });

  test("is refused with the places of its faults, as whoever brought it counts them", async () => {
    const clothingImages = ["https://example.com/a.jpg", "ftp://example.com/b.jpg"];
    const [scene, photo] = [
      { ...BODY, input: { ...BODY.input, sceneType: "moon" } },
      { ...BODY, input: { ...BODY.input, clothingImages } },
    ];

    const faults = [await faultOf(accept({ body: scene })), await faultOf(accept({ body: photo }))];

    expect(faults).toMatchObject([
      { code: "VALIDATION_FAILED", details: { errors: [{ pointer: "/3/input/sceneType" }] } },
      {
        code: "VALIDATION_FAILED",
        details: { errors: [{ pointer: "/3/input/clothingImages/1" }] },
      },
    ]);
  });

  test("has the high priority only by an administrator", async () => {
    const refused = await faultOf(accept({ priority: "high" }));
    const accepted = await accept({ priority: "high", role: "admin" });

    expect(refused).toMatchObject({ code: "FORBIDDEN" });
    expect((await app.deps.store.tasks.find(accepted.taskId))?.priority).toBe("high");
  });
});
