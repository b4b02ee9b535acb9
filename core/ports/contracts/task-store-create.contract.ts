import { expect, test } from "bun:test";
import type { CreateOutcome } from "../task-store.ts";
import { freshId } from "../../model/ids.fixture.ts";
import { createOne, newCustomer, newTask, WINDOW, type StoreSubject } from "./store.fixture.ts";

/** Creates and their keys. */
export function taskStoreCreateContract(subject: () => StoreSubject): void {
  test("a create holds its price and is found again as it was sent", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 100);

    const taskId = await createOne(store, { userId, held: 24 });

    expect(await store.credits.balance(userId)).toEqual({ available: 76, held: 24 });
    const task = await store.tasks.find(taskId);
    expect(task?.status).toBe("queued");
    expect(task?.input).toMatchObject({ sceneType: "街头 studio" });
    expect(task?.version).toBe(1);
  });

  test("an answer has the times of its row, and is kept so with its key", async () => {
    const { store, advance } = subject();
    const userId = await newCustomer(store, 100);
    const facts = { userId, held: 10, key: "times", lifeMs: 60_000 };
    const [created] = await store.tasks.create([newTask(facts)], WINDOW);
    advance(1_000);

    const [replayed] = await store.tasks.create([newTask(facts)], WINDOW);

    const kept = await store.tasks.findReplay(userId, "/create", "times");
    const task = await store.tasks.find(kept?.taskId ?? "");
    const { id = "", createdAtMs = 0, expiresAtMs = 0 } = task ?? {};
    expect(JSON.parse(responseOf(created))).toEqual({ id, createdAtMs, expiresAtMs });
    expect([responseOf(replayed), kept?.response]).toEqual([
      responseOf(created),
      responseOf(created),
    ]);
    expect(expiresAtMs - createdAtMs).toBe(60_000);
    expect(Math.abs((await store.nowMs()) - 1_000 - createdAtMs)).toBeLessThan(1_000);
  });

  test("creates in one batch cannot spend the same credits twice", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 50);
    const creates = Array.from({ length: 5 }, () => newTask({ userId, held: 20 }));

    const outcomes = await store.tasks.create(creates, WINDOW);

    expect(outcomes.map(({ kind }) => kind)).toEqual([
      "created",
      "created",
      "insufficient",
      "insufficient",
      "insufficient",
    ]);
    expect(await store.credits.balance(userId)).toEqual({ available: 10, held: 40 });
  });

  test("creates at the same time never oversell", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 100);

    const outcomes = await Promise.all(
      Array.from({ length: 30 }, () => store.tasks.create([newTask({ userId, held: 10 })], WINDOW)),
    );

    expect(outcomes.flat().filter(({ kind }) => kind === "created")).toHaveLength(10);
    expect(await store.credits.balance(userId)).toEqual({ available: 0, held: 100 });
  });

  test("one key and body make one task, in one batch and across batches", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 1_000);
    const facts = { userId, held: 10, key: "k-1" };

    const batch = await store.tasks.create([newTask(facts), newTask(facts)], WINDOW);
    const [later] = await store.tasks.create([newTask(facts)], WINDOW);

    expect(batch.map(({ kind }) => kind)).toEqual(["created", "replayed"]);
    expect(later?.kind).toBe("replayed");
    expect(await store.credits.balance(userId)).toEqual({ available: 990, held: 10 });
  });

  test("one key sent by many at the same time makes one task, and all of them get its answer", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 1_000);
    const creates = Array.from({ length: 12 }, () => newTask({ userId, held: 10, key: "race" }));

    const outcomes = await Promise.all(
      creates.map((create) => store.tasks.create([create], WINDOW)),
    );

    const kinds = outcomes.flat().map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "created")).toHaveLength(1);
    expect(kinds.filter((kind) => kind === "replayed")).toHaveLength(11);
    const kept = await store.tasks.findReplay(userId, "/create", "race");
    const answers = outcomes.flat().flatMap((one) => (one.kind === "replayed" ? one.response : []));
    expect(new Set(answers)).toEqual(new Set([kept?.response ?? "none"]));
    expect(await store.credits.balance(userId)).toEqual({ available: 990, held: 10 });
  });

  test("any text survives: Chinese, emoji, quotes, backslashes and trailing blanks", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 100);
    const text = "旗袍 👗🧵 'quoted' \"twice\" back\\slash \u0000 %_ end ";
    const { task, ...create } = newTask({ userId, held: 10 });
    const input = { ...task.input, sceneType: text };
    const written = { ...create, task: { ...task, input, metadata: { note: text } } };

    await store.tasks.create([written], WINDOW);

    const stored = await store.tasks.find(task.id);
    expect(stored).toMatchObject({ input: { sceneType: text }, metadata: { note: text } });
  });

  test("a large body is kept whole", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 100);
    const { task, ...create } = newTask({ userId, held: 10 });
    const url = `https://example.com/${"衣".repeat(60_000)}`;

    await store.tasks.create([{ ...create, task: { ...task, sources: [{ url }] } }], WINDOW);

    expect((await store.tasks.find(task.id))?.sources).toEqual([{ url }]);
  });

  test("keys that differ in case or accents only are different", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 100);
    const keys = ["Case", "case", "cåse"].map((key) => newTask({ userId, held: 1, key }));

    const outcomes = await store.tasks.create(keys, WINDOW);

    expect(outcomes.map(({ kind }) => kind)).toEqual(["created", "created", "created"]);
  });

  test("a key used with another body is refused, and another customer's key is their own", async () => {
    const { store } = subject();
    const [anna, bert] = [await newCustomer(store, 100), await newCustomer(store, 100)];
    await store.tasks.create([newTask({ userId: anna, held: 10, key: "shared" })], WINDOW);

    const [reused, other] = await store.tasks.create(
      [
        newTask({ userId: anna, held: 10, key: "shared", bodyHash: "another" }),
        newTask({ userId: bert, held: 10, key: "shared", bodyHash: "another" }),
      ],
      WINDOW,
    );

    expect(reused?.kind).toBe("key-reused");
    expect(other?.kind).toBe("created");
  });

  test("a create sent again because its commit was not heard of is the same task, and keeps its key", async () => {
    const { store, advance } = subject();
    const userId = await newCustomer(store, 15);
    const create = newTask({ userId, held: 10, key: "unheard" });
    const [first] = await store.tasks.create([create], WINDOW);
    advance(60_000);

    const [alone] = await store.tasks.create([create], WINDOW);
    const sibling = newTask({ userId, held: 1, key: "unheard" });
    const among = await store.tasks.create([newTask({ userId, held: 1 }), create, sibling], WINDOW);

    expect(alone).toEqual({ kind: "created", job: null, response: responseOf(first) });
    expect(among.map(({ kind }) => kind)).toEqual(["created", "created", "replayed"]);
    expect((await store.tasks.findReplay(userId, "/create", "unheard"))?.taskId).toBe(
      create.task.id,
    );
    expect(await store.credits.balance(userId)).toEqual({ available: 4, held: 11 });
  });

  test("a refused create does not use up its key", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 5);
    const facts = { userId, held: 10, key: "top-up" };
    const [before] = await store.tasks.create([newTask(facts)], WINDOW);
    await store.credits.grant({
      id: freshId("trf"),
      userId,
      amount: 50,
      reason: "test",
      actor: "system",
    });

    const [after] = await store.tasks.create([newTask(facts)], WINDOW);

    expect([before?.kind, after?.kind]).toEqual(["insufficient", "created"]);
  });
}

function responseOf(outcome: CreateOutcome | undefined): string {
  return outcome?.kind === "created" || outcome?.kind === "replayed" ? outcome.response : "null";
}
