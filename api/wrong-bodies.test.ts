import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { TASK_TYPES } from "../core/model/task.ts";
import { openTestApp, problemOf, type TestApp } from "../tests/test-app.ts";
import { RIGHT_BODIES, TASK_ROUTES, WRONG_BODIES, type WrongBody } from "./task-bodies.fixture.ts";

const CREATE = "/api/v1/ai-generation/create";
const QUOTE = "/api/v1/ai-generation/quote";

let app: TestApp;
let anna = "";
beforeAll(async () => {
  app = await openTestApp();
  anna = await app.signUp("anna@example.com");
});
afterAll(() => app.close());

/** The right body with the value in the place of what stands at the pointer. */
function bodyOf({ type, pointer, value }: WrongBody): unknown {
  const body: unknown = structuredClone(RIGHT_BODIES[type]);
  const parts = pointer.slice(1).split("/");
  let node = body as Record<string, unknown>;
  for (const part of parts.slice(0, -1)) {
    if (typeof node[part] !== "object") node[part] = {};
    node = node[part] as Record<string, unknown>;
  }
  node[parts.at(-1) ?? ""] = value;
  // Lists that were not there.
  return JSON.parse(JSON.stringify(body), (key, inner) =>
    key === "referenceImages" && !Array.isArray(inner) ? Object.values(inner) : inner,
  );
}

/** What is told of the body, as it stands in the table. */
async function problemFor(path: string, body: unknown) {
  const problem = await problemOf(await app.post(path, body, { token: anna }));
  const faults = problem.errors?.map(({ pointer, code }) => ({ pointer, code })) ?? [];
  const details = problem.errors?.map(({ detail }) => detail).join() ?? "";
  return { status: problem.status, code: problem.code, faults, details };
}

describe("a body with one fault", () => {
  test("there are enough of them, of every type", () => {
    expect(WRONG_BODIES.length).toBeGreaterThanOrEqual(40);
    for (const type of TASK_TYPES) {
      expect(WRONG_BODIES.filter((body) => body.type === type).length).toBeGreaterThan(5);
    }
  });

  for (const wrong of WRONG_BODIES) {
    const { type, pointer, value, code, says = "" } = wrong;
    const shown = JSON.stringify(value)?.slice(0, 30) ?? "nothing";
    test(`${type}${pointer} = ${shown} is told by its pointer, on its own route, on create and on quote`, async () => {
      const input = bodyOf(wrong);

      const plain = await problemFor(TASK_ROUTES[type], input);
      const nested = await problemFor(CREATE, { type, input });
      const quoted = await problemFor(QUOTE, { type, input });

      expect({ ...plain, details: "" }).toEqual({
        status: 422,
        code: "VALIDATION_FAILED",
        faults: [{ pointer, code }],
        details: "",
      });
      expect(plain.details).toContain(says);
      expect(plain.details).not.toMatch(/invalid input|expected|received|too (?:big|small)/i);
      expect(nested).toEqual({ ...plain, faults: [{ pointer: `/input${pointer}`, code }] });
      expect(quoted).toEqual(nested);
    });
  }
});

describe("a right body", () => {
  test("of each type lacks nothing but credits", async () => {
    for (const type of TASK_TYPES) {
      const input = RIGHT_BODIES[type];
      const plain = await problemFor(TASK_ROUTES[type], input);
      const nested = await problemFor(CREATE, { type, input, priority: "low" });

      expect([type, plain.status, nested.status]).toEqual([type, 402, 402]);
    }
  });
});

describe("what stands beside the input", () => {
  const input = RIGHT_BODIES.PROMPT_ONLY;
  const right = { type: "PROMPT_ONLY", input };

  test("a type that is unknown or left out is told with all there are", async () => {
    for (const body of [{ input }, { ...right, type: "VIDEO" }, { ...right, type: 5 }]) {
      const answered = await problemFor(CREATE, body);

      expect(answered.faults.map(({ pointer }) => pointer)).toEqual(["/type"]);
      for (const type of TASK_TYPES) expect(answered.details).toContain(type);
    }
  });

  test("each fault names its field", async () => {
    for (const [body, pointer] of [
      [{ ...right, priority: "urgent" }, "/priority"],
      [{ ...right, webhookUrl: "https://example.com/" }, "/webhookUrl"],
      [{ ...right, metadata: { a: 1 } }, "/metadata/a"],
      [{ ...right, options: {} }, "/options"],
      [{ type: "PROMPT_ONLY" }, "/input"],
      [{ type: "GENERATE_ONLY", input }, "/input/prompt"],
    ] as const) {
      expect((await problemFor(CREATE, body)).faults[0]?.pointer).toBe(pointer);
    }
  });

  test("a size belongs to its model, and a quality too", async () => {
    const body = {
      ...RIGHT_BODIES.GENERATE_ONLY,
      modelConfig: { model: "DOUBAO-seedream-4-5-251128" },
    };

    const small = await problemFor(TASK_ROUTES.GENERATE_ONLY, body);
    const fast = await problemFor(TASK_ROUTES.GENERATE_ONLY, {
      ...body,
      options: { size: "2048x2048", quality: "fast" },
    });
    const old = await problemFor(TASK_ROUTES.GENERATE_ONLY, {
      ...body,
      options: { quality: "fast" },
      modelConfig: RIGHT_BODIES.GENERATE_ONLY.modelConfig,
    });

    expect(small.faults).toEqual([{ pointer: "/options/size", code: "NOT_ALLOWED" }]);
    expect(small.details).toContain("2048x2048");
    expect(small.details).not.toContain("1024x1024");
    expect(fast.faults).toEqual([{ pointer: "/options/quality", code: "NOT_ALLOWED" }]);
    expect(old.status).toBe(402);
  });
});
