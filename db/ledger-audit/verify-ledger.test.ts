import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sql } from "kysely";
import {
  claimedTask,
  createOne,
  finish,
  imageDone,
  LEASE_MS,
  promptDone,
} from "../../core/ports/contracts/store.fixture.ts";
import { onMariadb } from "../../tests/on-mariadb.ts";
import { openTestStore, type TestStore } from "../store.fixture.ts";
import { verifyLedger } from "./verify-ledger.ts";

/** Each invariant, a damage that breaks it, and what undoes the damage; `:task` stands for an ended task's id. */
const DAMAGES: readonly (readonly [string, string, string])[] = [
  [
    "I1",
    "update transfers set amount = amount + 1 where kind = 'post'",
    "update transfers set amount = amount - 1 where kind = 'post'",
  ],
  [
    "I2",
    "update transfers set amount = amount + 1 where kind = 'grant'",
    "update transfers set amount = amount - 1 where kind = 'grant'",
  ],
  [
    "I4a",
    "update tasks set heldCredits = heldCredits + 1",
    "update tasks set heldCredits = heldCredits - 1",
  ],
  [
    "I4b",
    "update tasks set status = 'running' where id = ':task'",
    "update tasks set status = 'partial' where id = ':task'",
  ],
  [
    "I4b",
    "update resolutions set taskId = 'x' where taskId = ':task'",
    "update resolutions set taskId = ':task' where taskId = 'x'",
  ],
  [
    "I4c",
    "update steps set priceCredits = priceCredits + 1 where step = 'generate'",
    "update steps set priceCredits = priceCredits - 1 where step = 'generate'",
  ],
  [
    "I4d",
    "insert into transfers values ('r1', 'refund', ':task', 'revenue', ':user:available', 99, 'x', 'x', 1, 'r1')",
    "delete from transfers where id = 'r1'",
  ],
  [
    "I4e",
    "update transfers set taskId = 'x' where kind = 'release'",
    "update transfers set taskId = ':task' where kind = 'release'",
  ],
  [
    "I5",
    "update images set taskId = 'x' where taskId = ':task'",
    "update images set taskId = ':task' where taskId = 'x'",
  ],
  [
    "I5",
    "update tasks set status = 'succeeded' where id = ':task'",
    "update tasks set status = 'partial' where id = ':task'",
  ],
  ["I6", "update tasks set attempts = attempts + 9", "update tasks set attempts = attempts - 9"],
  ["I6", "update tasks set fence = fence + 1", "update tasks set fence = fence - 1"],
  ["I6", "update tasks set version = version - 9", "update tasks set version = version + 9"],
  ["I6", "update tasks set dispatch = 'redy'", "update tasks set dispatch = ':dispatch'"],
  [
    "I7",
    "update tasks set expiresAt = expiresAt - 900000000",
    "update tasks set expiresAt = expiresAt + 900000000",
  ],
  [
    "I8",
    "update idempotency set userId = 'x'",
    "update idempotency set userId = ':user' where userId = 'x'",
  ],
  ["I9", "update deliveries set type = 'task.x'", "update deliveries set type = 'task.partial'"],
  ["I9", "update deliveries set taskId = 'x'", "update deliveries set taskId = ':task'"],
  [
    "I9",
    "update tasks set webhookUrl = null where id = ':task'",
    "update tasks set webhookUrl = 'https://example.com/hook' where id = ':task'",
  ],
  ["I10a", "update steps set asks = asks + 2", "update steps set asks = asks - 2"],
  ["I10b", "update images set idx = idx + 7", "update images set idx = idx - 7"],
  ["I11", "update steps set fence = fence + 1", "update steps set fence = fence - 1"],
  ["I11", "update images set fence = fence + 5", "update images set fence = fence - 5"],
  [
    "I11",
    "update tasks set version = version + 1 where id = ':task'",
    "update tasks set version = version - 1 where id = ':task'",
  ],
  [
    "I11",
    "update steps set finishedAt = finishedAt + 60000",
    "update steps set finishedAt = finishedAt - 60000",
  ],
  [
    "I12a",
    "update transfers set credit = 'usr_x:held' where kind = 'hold' and taskId = ':task'",
    "update transfers set credit = ':user:held' where kind = 'hold' and taskId = ':task'",
  ],
  [
    "I12b",
    "update images set objectKey = replace(objectKey, ':task', 'task_other')",
    "update images set objectKey = replace(objectKey, 'task_other', ':task')",
  ],
  [
    "I12b",
    `update tasks set sources = '[{"key":"u/usr_other/in/a.jpg"}]'`,
    `update tasks set sources = '[{"key":"u/:user/in/a.jpg"}]'`,
  ],
];

function verifySuite(name: string, open: () => Promise<TestStore>): void {
  describe(`the checks of the ledger on ${name}`, () => {
    let opened: TestStore;
    let names: Readonly<Record<":task" | ":user" | ":dispatch", string>>;
    beforeAll(async () => {
      opened = await open();
      const { store } = opened;
      const { userId } = await claimedTask(store);
      const webhookUrl = "https://example.com/hook";
      const taskId = await createOne(store, { userId, held: 24, key: "k", webhookUrl });
      const fence = (await store.tasks.claim(taskId, "wkr_a", LEASE_MS))?.fence ?? 0;
      await store.tasks.checkpoint({ taskId, fence }, [promptDone, imageDone(0, taskId)]);
      await store.tasks.settle({ ...finish(taskId), fence });
      // One word for all, so that a damage can be undone by one statement.
      await sql`update tasks set dispatch = 'done' where id = ${taskId}`.execute(opened.db.kysely);
      names = { ":task": taskId, ":user": userId, ":dispatch": "done" };
    });
    afterAll(() => opened.close());

    const run = async (statement: string) => {
      const text = Object.entries(names).reduce(
        (filled, [word, value]) => filled.replaceAll(word, value),
        statement,
      );
      await sql.raw(text).execute(opened.db.kysely);
    };
    const broken = async () => {
      const results = await verifyLedger(opened.db.kysely, await opened.store.nowMs());
      return results.flatMap(({ invariant, findings }) => (findings.length > 0 ? invariant : []));
    };

    test("find each kind of damage by the invariant that it breaks, and nothing in a sound ledger", async () => {
      const before = await broken();

      for (const [invariant, damage, repair] of DAMAGES) {
        await run(damage);
        const found = await broken();
        await run(repair);
        if (damage.includes("'redy'"))
          await run("update tasks set dispatch = 'sent' where id <> ':task'");
        expect([damage, found.includes(invariant)]).toEqual([damage, true]);
        expect([damage, await broken()]).toEqual([damage, []]);
      }

      expect(before).toEqual([]);
    });

    test("look every delivered picture up where the objects are reachable, with its length", async () => {
      const nowMs = await opened.store.nowMs();
      const lookedUp: string[] = [];
      const look = async (bytes: number | null) => {
        const head = async (key: string) => {
          lookedUp.push(key);
          return bytes === null ? null : { bytes };
        };
        const results = await verifyLedger(opened.db.kysely, nowMs, { head });
        return results.at(-1)?.findings;
      };

      const [whole, cut, gone] = [await look(900), await look(12), await look(null)];

      const object = `t/${names[":task"]}/image-0.jpg`;
      const lost = { account: names[":user"], task: names[":task"], object, bytes: 900 };
      expect(whole).toEqual([]);
      expect(cut).toEqual([{ ...lost, found: 12 }]);
      expect(gone).toEqual([{ ...lost, found: null }]);
      expect(lookedUp).toEqual([object, object, object]);
    });
  });
}

verifySuite("SQLite", async () => {
  const folder = mkdtempSync(join(tmpdir(), "drape-books-"));
  const opened = await openTestStore(`sqlite:${join(folder, "books.sqlite")}`);
  return {
    ...opened,
    async close() {
      await opened.close();
      rmSync(folder, { recursive: true });
    },
  };
});

onMariadb((server) => {
  verifySuite("MariaDB", async () => openTestStore(await server().createDatabase("books")));
});
