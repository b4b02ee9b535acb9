import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createOne, newCustomer } from "../core/ports/contracts/store.fixture.ts";
import { openTestApp, type TestApp } from "../tests/test-app.ts";
import { issueToken } from "./sign-in/tokens.ts";

let app: TestApp;
let token = "";
let path = "";
beforeAll(async () => {
  app = await openTestApp();
  const userId = await newCustomer(app.deps.store, 100);
  token = issueToken(app.deps.jwtSecret, { userId, role: "customer" }, app.deps.clock.nowMs());
  path = `/api/v1/ai-generation/tasks/${await createOne(app.deps.store, { userId, held: 10 })}`;
});
afterAll(() => app.close());

/** What comes first on a stream of a task that goes on. */
async function firstEvent(lastEventId: string): Promise<string> {
  const client = new AbortController();
  const headers = { authorization: `Bearer ${token}`, "last-event-id": lastEventId };
  const answer = await app.app.request(`${path}/events`, { headers, signal: client.signal });
  let text = "";
  for await (const bytes of answer.body ?? []) {
    text += new TextDecoder().decode(bytes);
    if (/event:[^]*\n\n/.test(text)) break;
  }
  client.abort();
  return text;
}

describe("a cursor", () => {
  for (const ahead of ["2-1", "99-1", "999999999-5", "999999999999999-999999"]) {
    test(`ahead of its task (${ahead}) is answered with the task as it stands`, async () => {
      const text = await firstEvent(ahead);

      expect(text).toContain("event: task.snapshot");
      expect(text).toContain("id: 1-999999");
    }, 8_000);
  }

  test("ahead of a task that has ended is answered with its end, and the stream ends", async () => {
    const headers = { authorization: `Bearer ${token}` };
    await app.app.request(path, { method: "DELETE", headers });

    const answer = await app.app.request(`${path}/events`, {
      headers: { ...headers, "last-event-id": "99-1" },
    });

    expect(await answer.text()).toMatch(/event: task.snapshot\n.*"status":"canceled"/);
  });
});
