import { describe, expect, test } from "bun:test";
import {
  claimedTask,
  finish,
  imageDone,
  preprocessDone,
  promptDone,
} from "../../core/ports/contracts/store.fixture.ts";
import { onMariadb } from "../../tests/on-mariadb.ts";
import { openTestStore, type TestStore } from "../store.fixture.ts";

describe("the terminal transition, on SQLite", () => suite(() => openTestStore("sqlite::memory:")));
onMariadb((server) => {
  describe("the terminal transition, on MariaDB", () =>
    suite(async () => openTestStore(await server().createDatabase("door"))));
});

function suite(open: () => Promise<TestStore>): void {
  test("what cannot be written whole is not written at all: state, balance and resolution stay", async () => {
    const { db, store } = await open();
    const { taskId, claim, userId } = await claimedTask(store);
    await store.tasks.checkpoint(claim, [preprocessDone, promptDone, imageDone(0, taskId)]);
    const taken = {
      id: "trf_in_the_way",
      kind: "grant" as const,
      taskId: null,
      debit: "issuer",
      credit: "somebody:available",
      amount: 1,
      reason: "in the way",
      actor: "test",
      createdAt: 1,
      uniqueKey: `${taskId}:release`,
    };
    await db.kysely.insertInto("transfers").values(taken).execute();

    const settled = store.tasks.settle({ ...finish(taskId), fence: claim.fence });

    expect(await settled.catch(() => "refused")).toBe("refused");
    const task = await store.tasks.find(taskId);
    expect([task?.status, task?.fence, task?.settled]).toEqual(["running", claim.fence, null]);
    expect(await store.credits.balance(userId)).toEqual({ available: 76, held: 24 });
    expect(await db.kysely.selectFrom("resolutions").selectAll().execute()).toEqual([]);
    await store.close();
  });
}
