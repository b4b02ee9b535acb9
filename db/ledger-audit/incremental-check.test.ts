import { expect, test } from "bun:test";
import { claimedTask, finish } from "../../core/ports/contracts/store.fixture.ts";
import { createLedgerAuditStore } from "./incremental-check.ts";
import { openTestStore } from "../store.fixture.ts";

test("a check in parts looks at every task that ended and at every one that lives", async () => {
  const { db, store, close } = await openTestStore("sqlite::memory:");
  for (let count = 0; count < 3; count += 1) {
    const { taskId, claim } = await claimedTask(store);
    await store.tasks.settle({ ...finish(taskId), fence: claim.fence });
    await claimedTask(store);
  }
  const audit = createLedgerAuditStore(db, 1);

  const turn = await audit.takeTurn(1_000);
  const check = turn === null ? null : await audit.check(turn);

  expect(check).toMatchObject({ tasks: 6, accounts: 6, accountsLeft: 0 });
  await close();
});
