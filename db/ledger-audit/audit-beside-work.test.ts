import { describe, expect, test } from "bun:test";
import {
  claimedTask,
  finish,
  imageDone,
  LEASE_MS,
  newCustomer,
  promptDone,
  newTask,
  WINDOW,
} from "../../core/ports/contracts/store.fixture.ts";
import type { Store } from "../../core/ports/store.ts";
import { onMariadb } from "../../tests/on-mariadb.ts";
import { openTestStore } from "../store.fixture.ts";
import { verifyLedger } from "./verify-ledger.ts";

/** A check that cries wolf would freeze sound accounts: each one has to see a single moment. */
onMariadb((server) => {
  describe("the checks of the ledger beside a working system", () => {
    test("find nothing while tasks of the same customers are created, stored and ended", async () => {
      const url = await server().createDatabase("beside");
      const [watching, ...working] = await Promise.all([1, 2, 3].map(() => openTestStore(url)));
      if (watching === undefined) throw new Error("there is no store");
      const userId = await newCustomer(watching.store, 10_000);
      const lives = working.map(({ store }) => live(store, userId));
      const over = new AbortController();
      const end = Promise.all(lives).finally(() => over.abort());

      let checks = 0;
      for (; !over.signal.aborted; checks += 1) {
        const results = await verifyLedger(watching.db.kysely, await watching.store.nowMs());
        expect(results.filter(({ findings }) => findings.length > 0)).toEqual([]);
      }

      await end;
      expect(checks).toBeGreaterThan(3);
      await Promise.all([watching, ...working].map(({ close }) => close()));
    });
  });
});

/** Tasks of one customer, some at a time, through every way to an end. */
async function live(store: Store, userId: string): Promise<void> {
  for (let round = 0; round < 25; round += 1) {
    const creates = [1, 2, 3, 4].map(() => newTask({ userId, held: 24 }));
    await store.tasks.create(creates, WINDOW);
    await Promise.all(
      creates.map(async ({ task }, at) => {
        const fence = (await store.tasks.claim(task.id, "wkr_a", LEASE_MS))?.fence ?? 0;
        const claim = { taskId: task.id, fence };
        await store.tasks.checkpoint(claim, [promptDone, imageDone(0, task.id)]);
        const ending = at === 0 ? "canceled" : "finished";
        await store.tasks.settle({ ...finish(task.id), ending, fence: at === 0 ? null : fence });
      }),
    );
    await claimedTask(store);
  }
}
