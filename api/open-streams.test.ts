import { afterEach, describe, expect, test } from "bun:test";
import { changeSettings, type SettingsChange } from "../core/model/task-settings.ts";
import { createOne, newCustomer } from "../core/ports/contracts/store.fixture.ts";
import { openTestApp, problemOf, type TestApp } from "../tests/test-app.ts";
import { until } from "../tests/until.ts";
import { RIGHT_BODIES } from "./task-bodies.fixture.ts";
import { issueToken } from "./sign-in/tokens.ts";

const GENERATE = "/api/ai-image/generate-only";

let app: TestApp;
afterEach(() => app.close());

async function open(limits: SettingsChange["limits"] = {}) {
  app = await openTestApp((real) => ({ settings: changeSettings(real.settings, { limits }) }));
  const customer = async () => {
    const userId = await newCustomer(app.deps.store, 1_000);
    const taskId = await createOne(app.deps.store, { userId, held: 10 });
    const token = issueToken(
      app.deps.jwtSecret,
      { userId, role: "customer" },
      app.deps.clock.nowMs(),
    );
    return { token, path: `/api/v1/ai-generation/tasks/${taskId}/events` };
  };
  return { anna: await customer(), bert: await customer() };
}

type Customer = Awaited<ReturnType<typeof open>>["anna"];

/** A stream, and what a client does to end it. */
async function stream({ path, token }: Customer, method = "GET") {
  const client = new AbortController();
  const headers = { authorization: `Bearer ${token}` };
  const answer = await app.app.request(path, { method, headers, signal: client.signal });
  return { answer, status: answer.status, leave: () => client.abort() };
}

/** A create that waits for its end, which nobody brings about. */
function waitLong({ token }: Customer, signal?: AbortSignal): Promise<Response> {
  const headers = {
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
    prefer: "wait=30",
  };
  const body = JSON.stringify(RIGHT_BODIES.GENERATE_ONLY);
  const init = { method: "POST", headers, body, ...(signal === undefined ? {} : { signal }) };
  return Promise.resolve(app.app.request(GENERATE, init));
}

describe("open streams", () => {
  test("above the customer's limit are 429 with the figure and the cure; another customer's are not", async () => {
    const { anna, bert } = await open({ customerStreams: 3 });
    const opened = [await stream(anna), await stream(anna), await stream(anna)];

    const refused = await stream(anna);
    const other = await stream(bert);
    for (const { leave } of [...opened, other]) leave();

    expect(opened.map(({ status }) => status)).toEqual([200, 200, 200]);
    const problem = await problemOf(refused.answer);
    expect([problem.status, problem.code, other.status]).toEqual([429, "TOO_MANY_STREAMS", 200]);
    expect(problem.detail).toMatch(/have 3 .*close some, or poll/);
    expect(refused.answer.headers.get("retry-after")).not.toBeNull();
  });

  test("are 200 for each customer when nothing is said", async () => {
    const { anna } = await open();
    const opened = await Promise.all(Array.from({ length: 201 }, () => stream(anna)));
    for (const { leave } of opened) leave();

    expect(opened.filter(({ status }) => status === 200)).toHaveLength(200);
    expect(opened.filter(({ status }) => status === 429)).toHaveLength(1);
  });

  test("of all customers have a limit in one process", async () => {
    const { anna, bert } = await open({ processStreams: 2 });
    const opened = [await stream(anna), await stream(bert)];

    const refused = await stream(bert);
    for (const { leave } of opened) leave();

    expect(await problemOf(refused.answer)).toMatchObject({ status: 503, code: "UNAVAILABLE" });
  });

  test("that end make room, however they end", async () => {
    const { anna } = await open({ customerStreams: 1 });
    const ends: readonly ((opened: Awaited<ReturnType<typeof stream>>) => unknown)[] = [
      ({ leave }) => leave(),
      ({ answer }) => answer.body?.cancel(),
      async ({ answer, leave }) => {
        await answer.body?.getReader().read();
        leave();
      },
    ];
    for (const end of ends) {
      const opened = await stream(anna);
      expect(opened.status).toBe(200);
      await end(opened);

      const next = await stream(anna);
      next.leave();
      expect(next.status).toBe(200);
    }
  });

  test("that end with their task make room", async () => {
    const { anna } = await open({ customerStreams: 1 });
    const opened = await stream(anna);
    const headers = { authorization: `Bearer ${anna.token}` };
    await app.app.request(anna.path.replace("/events", ""), { method: "DELETE", headers });

    const text = await opened.answer.text();
    const next = await stream(anna);
    next.leave();

    expect(text).toContain("canceled");
    expect(next.status).toBe(200);
  });

  test("that HEAD asks for are not opened", async () => {
    const { anna } = await open({ customerStreams: 1 });
    for (let nth = 0; nth < 5; nth += 1) await stream(anna, "HEAD");

    const opened = await stream(anna);
    opened.leave();

    expect(opened.status).toBe(200);
  });
});

describe("requests that wait", () => {
  test("count like streams: one too many is 429 and creates nothing", async () => {
    const { anna } = await open({ customerStreams: 1 });
    const client = new AbortController();
    const waiting = waitLong(anna, client.signal);
    await until(async () => (await taskCount()) === 3);

    const refused = await waitLong(anna);
    const streamed = await stream(anna);
    const count = await taskCount();
    client.abort();
    await waiting;
    const after = await stream(anna);
    after.leave();

    expect(await problemOf(refused)).toMatchObject({ status: 429, code: "TOO_MANY_STREAMS" });
    expect([streamed.status, count, after.status]).toEqual([429, 3, 200]);
  });
});

async function taskCount(): Promise<number> {
  return (await app.db.kysely.selectFrom("tasks").select("id").execute()).length;
}
