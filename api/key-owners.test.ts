import { afterAll, beforeAll, expect, test } from "bun:test";
import { z } from "zod";
import { newCustomer } from "../core/ports/contracts/store.fixture.ts";
import { openTestApp, type TestApp } from "../tests/test-app.ts";
import { RIGHT_BODIES, TASK_ROUTES } from "./task-bodies.fixture.ts";
import { issueToken } from "./sign-in/tokens.ts";

const CREATE = "/api/v1/ai-generation/create";

let app: TestApp;
const tokens: string[] = [];
beforeAll(async () => {
  app = await openTestApp();
  for (let nth = 0; nth < 2; nth += 1) {
    const userId = await newCustomer(app.deps.store, 1_000);
    tokens.push(
      issueToken(app.deps.jwtSecret, { userId, role: "customer" }, app.deps.clock.nowMs()),
    );
  }
});
afterAll(() => app.close());

async function send(path: string, body: unknown, token: string | undefined) {
  const sending = { token: token ?? "", headers: { "idempotency-key": "order-1" } };
  const answer = await app.post(path, body, sending);
  const { id } = z.object({ id: z.string() }).parse(await answer.json());
  return { status: answer.status, id, replayed: answer.headers.has("idempotent-replayed") };
}

test("an Idempotency-Key belongs to its route and to its customer, and is one task there", async () => {
  const [anna, bert] = tokens;
  const input = RIGHT_BODIES.PROMPT_ONLY;
  const nested = { type: "PROMPT_ONLY", input };

  const first = await send(TASK_ROUTES.PROMPT_ONLY, input, anna);
  const others = [
    await send(TASK_ROUTES.PROMPT_ONLY, input, bert),
    await send(TASK_ROUTES.GENERATE_ONLY, RIGHT_BODIES.GENERATE_ONLY, anna),
    await send(CREATE, nested, anna),
    await send(CREATE, { ...nested, priority: "low" }, bert),
  ];
  const again = await send(TASK_ROUTES.PROMPT_ONLY, input, anna);

  expect([again.id, again.replayed]).toEqual([first.id, true]);
  expect(others.map(({ status, replayed }) => [status, replayed])).toEqual(
    others.map(() => [202, false]),
  );
  expect(new Set([first, ...others].map(({ id }) => id)).size).toBe(5);
});
