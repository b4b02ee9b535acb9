import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { z } from "zod";
import { newTask } from "../core/ports/contracts/store.fixture.ts";
import { openTestApp, problemOf, type TestApp } from "../tests/test-app.ts";
import { encodeCursor } from "./cursor.ts";

const TASKS = "/api/v1/ai-generation/tasks";
const LEDGER = "/api/v1/credits/ledger";
const NOON_MS = Date.parse("2026-03-01T12:00:00Z");

const pageSchema = z.strictObject({
  data: z.array(z.looseObject({ id: z.string(), createdAt: z.string() })),
  nextCursor: z.string().nullable(),
  hasMore: z.boolean(),
});
type Page = z.infer<typeof pageSchema>;

let app: TestApp;
let anna = "";
let bert = "";
let annaId = "";
let taskIds: string[] = [];
beforeAll(async () => {
  app = await openTestApp();
  anna = await app.signUp("anna@example.com");
  bert = await app.signUp("bert@example.com");
  annaId = await idOf("anna@example.com");
  taskIds = await createTasks(annaId, 250);
});
afterAll(() => app.close());

async function idOf(email: string): Promise<string> {
  return (await app.deps.store.users.findByEmail(email))?.id ?? "";
}

/** One task a minute from noon on, but for the last ten, which share one time. */
async function createTasks(userId: string, count: number): Promise<string[]> {
  const creates = Array.from({ length: count }, () => newTask({ userId, held: 0 }));
  for (let at = 0; at < count; at += 50) {
    await app.deps.store.tasks.create(creates.slice(at, at + 50), 10);
  }
  for (const [index, { task }] of creates.entries()) {
    const createdAt = NOON_MS + Math.min(index, count - 10) * 60_000;
    await app.db.kysely.updateTable("tasks").set({ createdAt }).where("id", "=", task.id).execute();
  }
  return creates.map(({ task }) => task.id);
}

async function page(path: string, token: string): Promise<Page & { link: string | null }> {
  const answer = await app.get(path, token);
  expect([path, answer.status]).toEqual([path, 200]);
  return { ...pageSchema.parse(await answer.json()), link: answer.headers.get("link") };
}

/** The address in `Link: <…>; rel="next"`. */
function nextOf(link: string | null): string | undefined {
  return /^<([^>]+)>; rel="next"$/.exec(link ?? "")?.[1];
}

async function readAll(first: string, token: string): Promise<Page[]> {
  const pages: Page[] = [];
  for (let path: string | undefined = first; path !== undefined;) {
    const read: Page & { link: string | null } = await page(path, token);
    pages.push(read);
    path = nextOf(read.link);
  }
  return pages;
}

const idsOf = (pages: readonly Page[]) => pages.flatMap(({ data }) => data.map(({ id }) => id));
const pointersOf = async (path: string) => {
  const { status, errors = [] } = await problemOf(await app.get(path, anna));
  return [status, ...errors.map(({ pointer }) => pointer)];
};

describe("the task list", () => {
  test("a customer without tasks gets an empty page that is the last one", async () => {
    const { link, ...empty } = await page(TASKS, bert);

    expect(empty).toEqual({ data: [], nextCursor: null, hasMore: false });
    expect(link).toBeNull();
  });

  test("250 tasks come in three pages of up to 100, newest first, none missed and none twice", async () => {
    const pages = await readAll(`${TASKS}?limit=100`, anna);

    expect(pages.map(({ data }) => data.length)).toEqual([100, 100, 50]);
    expect(pages.map(({ hasMore }) => hasMore)).toEqual([true, true, false]);
    expect(pages[2]?.nextCursor).toBeNull();
    expect(idsOf(pages).toSorted()).toEqual(taskIds.toSorted());
    const times = pages.flatMap(({ data }) => data.map(({ createdAt }) => createdAt));
    expect(times).toEqual(times.toSorted().toReversed());
  });

  test("a page that ends with the list is the last one", async () => {
    const first = await page(`${TASKS}?createdBefore=2026-03-01T12:10:00Z&limit=5`, anna);
    const second = await page(nextOf(first.link) ?? "", anna);

    expect([first.hasMore, second.hasMore, second.nextCursor]).toEqual([true, false, null]);
    expect(idsOf([first, second])).toEqual(taskIds.slice(0, 10).toReversed());
  });

  test("20 tasks are a page when nothing is said, each one whole", async () => {
    const { data } = await page(TASKS, anna);
    const alone = await app.get(`${TASKS}/${data[0]?.id}`, anna);

    expect(data).toHaveLength(20);
    expect(data[0]).toEqual(await alone.json());
  });

  test("status, type and time filter the list, and the link to the next page keeps the filters", async () => {
    const [first = "", second = ""] = taskIds;
    await app.app.request(`${TASKS}/${first}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${anna}` },
    });
    const window = "createdAfter=2026-03-01T12:00:00Z&createdBefore=2026-03-01T20:02:00%2B08:00";

    const found = {
      canceled: idsOf(await readAll(`${TASKS}?status=canceled`, anna)),
      other: idsOf(await readAll(`${TASKS}?type=PROMPT_ONLY`, anna)),
      window: idsOf(await readAll(`${TASKS}?${window}&limit=1`, anna)),
      queued: idsOf(
        await readAll(`${TASKS}?${window}&status=queued&type=FULL_GENERATION&limit=1`, anna),
      ),
    };

    expect(found).toEqual({
      canceled: [first],
      other: [],
      window: [second, first],
      queued: [second],
    });
  });

  test("nobody sees another's tasks, neither with another's cursor nor with one made up", async () => {
    const { nextCursor } = await page(`${TASKS}?limit=1`, anna);
    const forged = encodeCursor({ createdAtMs: NOON_MS * 2, id: "task_zzz" });

    const lists = [
      await page(`${TASKS}?cursor=${nextCursor}`, bert),
      await page(`${TASKS}?cursor=${forged}`, bert),
    ];

    expect(lists.flatMap(({ data }) => data)).toEqual([]);
  });

  test("a cursor that we did not write is refused with its place", async () => {
    const good = encodeCursor({ createdAtMs: NOON_MS, id: "task_0123" });
    const encoded = (text: string) => Buffer.from(text).toString("base64url");
    for (const bad of [
      "",
      "x",
      `${good}A`,
      `${good}=`,
      good.slice(1),
      encoded('[-1,"task_0123"]'),
      encoded('[1.5,"task_0123"]'),
      encoded('[1e400,"task_0123"]'),
      encoded('[1,"task_0123",2]'),
      encoded(`[1,"task_' or 1=1"]`),
      encoded('{"createdAtMs":1,"id":"task_0123"}'),
      encoded('[ 1,"task_0123"]'),
      "A".repeat(5_000),
    ]) {
      expect([bad, ...(await pointersOf(`${TASKS}?cursor=${bad}`))]).toEqual([bad, 422, "/cursor"]);
    }
  });

  test("limits, states, types and times out of shape are refused, and so are unknown fields", async () => {
    for (const [query, pointer] of [
      ["limit=0", "/limit"],
      ["limit=101", "/limit"],
      ["limit=1e1", "/limit"],
      ["limit=", "/limit"],
      ["limit=5&limit=6", "/limit"],
      ["status=done", "/status"],
      ["type=full_generation", "/type"],
      ["createdAfter=yesterday", "/createdAfter"],
      ["createdAfter=2026-02-30T00:00:00Z", "/createdAfter"],
      ["createdAfter=2026-03-01T00:00:00", "/createdAfter"],
      ["createdBefore=2026-03-01T00:00:00+08:00", "/createdBefore"],
      ["userId=usr_x", "/userId"],
      ["sort/by=x", "/sort~1by"],
    ] as const) {
      expect([query, ...(await pointersOf(`${TASKS}?${query}`))]).toEqual([query, 422, pointer]);
    }
  });
});

describe("the ledger", () => {
  test("entries come newest first, page by page, and add up to what is available", async () => {
    for (const amount of [5, 6, 7]) {
      const id = `trf_gift_${annaId}_${amount}`;
      await app.deps.store.credits.grant({
        id,
        userId: annaId,
        amount,
        reason: "gift",
        actor: "system",
      });
    }

    const pages = await readAll(`${LEDGER}?limit=1`, anna);

    const entrySchema = z.strictObject({
      id: z.string(),
      kind: z.enum(["grant", "hold", "post", "release", "refund"]),
      amount: z.number().int(),
      taskId: z.string().nullable(),
      reason: z.string(),
      createdAt: z.iso.datetime(),
    });
    const entries = pages.flatMap(({ data }) => z.array(entrySchema).parse(data));
    const gifts = entries.filter(({ reason }) => reason === "gift");
    expect(gifts.map(({ kind, taskId }) => [kind, taskId])).toEqual(
      Array.from({ length: 3 }, () => ["grant", null]),
    );
    const total = entries.reduce((sum, { amount }) => sum + amount, 0);
    expect(total).toBe((await app.deps.store.credits.balance(annaId))?.available ?? -1);
    expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
    expect(pages.at(-1)?.nextCursor).toBeNull();
  });

  test("another's entries are not shown, and odd queries are refused", async () => {
    expect((await page(LEDGER, bert)).data).toEqual([]);
    expect(await pointersOf(`${LEDGER}?cursor=zzzzzzzzzz`)).toEqual([422, "/cursor"]);
    expect(await pointersOf(`${LEDGER}?status=queued`)).toEqual([422, "/status"]);
  });
});
