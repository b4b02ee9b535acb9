import { expect, test } from "bun:test";
import type { PageQuery } from "../store-types.ts";
import {
  claimedTask,
  createOne,
  endAll,
  finish,
  imageDone,
  newCustomer,
  promptDone,
  newTask,
  WINDOW,
  type StoreSubject,
} from "./store.fixture.ts";

type Entry = { readonly id: string; readonly createdAtMs: number };
type Page = (query: PageQuery) => Promise<readonly Entry[]>;

/** A customer's tasks, page by page, and beside them the entries of their credits. */
export function taskStoreListContract(subject: () => StoreSubject): void {
  test("a new customer has no tasks and no entries", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 0);

    const lists = [
      await store.tasks.list({ userId, limit: 10 }),
      await store.credits.listTransfers({ userId, limit: 10 }),
    ];

    expect(lists).toEqual([[], []]);
  });

  test("pages go on where the last one ended, each task once, also among equal times", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 0);
    const times = [5, 5, 5, 5, 4, 3, 3, 3, 3, 2];
    const ids = await createAt(subject(), userId, times);

    const pages = await readAll((query) => store.tasks.list(query), userId, 3);

    const newestFirst = ids.map((id, at) => ({ id, time: times[at] ?? 0 })).sort(byNewest);
    expect(pages.map((page) => page.length)).toEqual([3, 3, 3, 1]);
    expect(pages.flat().map(({ id }) => id)).toEqual(newestFirst.map(({ id }) => id));
    await endAll(store, ids);
  });

  test("a page holds whole tasks: their own steps, images and credits", async () => {
    const { store } = subject();
    const { userId, claim, taskId } = await claimedTask(store);
    await store.tasks.checkpoint(claim, [
      promptDone,
      imageDone(0, claim.taskId),
      imageDone(1, claim.taskId),
    ]);
    await store.tasks.settle({ ...finish(taskId), fence: claim.fence });
    const other = await createOne(store, { userId, held: 10 });

    const listed = await store.tasks.list({ userId, limit: 10 });

    const read = [await store.tasks.find(taskId), await store.tasks.find(other)];
    expect(listed.toSorted(byId)).toEqual(read.flatMap((task) => task ?? []).toSorted(byId));
    expect(listed.find(({ id }) => id === taskId)?.images).toHaveLength(2);
    await endAll(store, [other]);
  });

  test("status, type and time filter the list, alone and together", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 0);
    const [old, middle, young] = await createAt(subject(), userId, [1, 2, 3]);
    const atMs = (await store.tasks.find(middle ?? ""))?.createdAtMs ?? 0;
    await endAll(store, [middle ?? ""]);
    const ids = async (filter: object) =>
      (await store.tasks.list({ userId, limit: 10, ...filter })).map(({ id }) => id);

    const found = {
      queued: await ids({ status: "queued" }),
      canceled: await ids({ status: "canceled", type: "FULL_GENERATION" }),
      otherType: await ids({ type: "PROMPT_ONLY" }),
      from: await ids({ createdAfterMs: atMs }),
      until: await ids({ createdBeforeMs: atMs }),
      all: await ids({
        status: "queued",
        createdAfterMs: atMs - 500,
        createdBeforeMs: atMs + 9_000,
      }),
    };

    expect(found).toEqual({
      queued: [young ?? "", old ?? ""],
      canceled: [middle ?? ""],
      otherType: [],
      from: [young ?? "", middle ?? ""],
      until: [old ?? ""],
      all: [young ?? ""],
    });
    await endAll(store, [old ?? "", young ?? ""]);
  });

  test("nobody sees another customer's tasks or entries, not even past a page's place", async () => {
    const { store } = subject();
    const [anna, bert] = [await newCustomer(store, 100), await newCustomer(store, 100)];
    const taskId = await createOne(store, { userId: anna, held: 10 });
    const cursor = { createdAtMs: (await store.nowMs()) + 60_000, id: "zzz" };

    const tasks = await store.tasks.list({ userId: bert, limit: 10, before: cursor });
    const entries = await store.credits.listTransfers({ userId: bert, limit: 10, before: cursor });

    expect(tasks).toEqual([]);
    expect(entries.map(({ kind, amount }) => [kind, amount])).toEqual([["grant", 100]]);
    await endAll(store, [taskId]);
  });
}

/** Tasks at these seconds of a clock that nobody else looks at; those of one second have one time. */
async function createAt(
  { store, advance }: StoreSubject,
  userId: string,
  seconds: readonly number[],
): Promise<string[]> {
  const creates = seconds.map(() => newTask({ userId, held: 0 }));
  for (const second of new Set(seconds.toSorted((a, b) => a - b))) {
    advance(1_000);
    await store.tasks.create(
      creates.filter((_, at) => seconds[at] === second),
      WINDOW,
    );
  }
  return creates.map(({ task }) => task.id);
}

async function readAll(page: Page, userId: string, limit: number): Promise<Entry[][]> {
  const pages: Entry[][] = [];
  for (let rows = await page({ userId, limit }); rows.length > 0;) {
    pages.push([...rows]);
    const last = rows.at(-1);
    rows = last === undefined ? [] : await page({ userId, limit, before: last });
  }
  return pages;
}

function byNewest(a: { id: string; time: number }, b: { id: string; time: number }): number {
  return b.time - a.time || (a.id < b.id ? 1 : -1);
}

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : 1;
}
