import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { newCustomer, newTask } from "../../core/ports/contracts/store.fixture.ts";
import type { PageQuery } from "../../core/ports/store-types.ts";
import { listQuery } from "./list-tasks.ts";
import { transfersQuery } from "../credits/list-transfers.ts";
import { onMariadb } from "../../tests/on-mariadb.ts";
import type { Db } from "../connection/db.ts";
import { openTestStore, type TestStore } from "../store.fixture.ts";

const TASKS = 1_920;
const PAGE = 20;

/** Lists stay as cheap at the end as at the beginning. */
onMariadb((server) => {
  describe("pages on MySQL", () => {
    let opened: TestStore;
    let userId = "";
    beforeAll(async () => {
      // One connection: the counters that the tests read are those of its session.
      opened = await openTestStore(await server().createDatabase("depth"), { connectionsMax: 1 });
      userId = await newCustomer(opened.store, TASKS);
      for (let at = 0; at < TASKS; at += 64) {
        const creates = Array.from({ length: 64 }, () => newTask({ userId, held: 1 }));
        await opened.store.tasks.create(creates, 10_000);
        const times = creates.map(({ task }, nth) => sql`when ${task.id} then ${at + nth}`);
        await sql`
          update tasks set createdAt = case id ${sql.join(times, sql` `)} else createdAt end
          where userId = ${userId}`.execute(opened.db.kysely);
      }
    });
    afterAll(async () => {
      await opened.close();
    });

    test("a page of tasks reads no more rows than it gives, at any depth, with and without a status", async () => {
      const { db } = opened;
      for (const filter of [{}, { status: "queued" as const }]) {
        for (const depth of [TASKS, TASKS / 2, PAGE]) {
          const before = { createdAtMs: depth, id: "zzz" };
          const read = await rowsRead(db, () =>
            listQuery(db, { userId, limit: PAGE, before, ...filter }).execute(db.kysely),
          );

          expect([depth, read <= PAGE + 2]).toEqual([depth, true]);
        }
      }
    });

    test("a page of entries reads one page of each side", async () => {
      const { db } = opened;
      const rows = await db.kysely
        .selectFrom("transfers")
        .select(["id", "createdAt"])
        .orderBy("createdAt")
        .orderBy("id")
        .execute();
      const row = rows[TASKS / 4];
      const query: PageQuery = {
        userId,
        limit: PAGE,
        before: { createdAtMs: row?.createdAt ?? 0, id: row?.id ?? "" },
      };

      const read = await rowsRead(db, () => transfersQuery(db, query).execute(db.kysely));

      // And the entries of the same millisecond, which are one batch of 64 here.
      expect(read).toBeLessThan(2 * PAGE + 64 + 4);
    });
  });
});

/** Rows that the engine stepped through in the tables' own indexes. */
async function rowsRead(db: Db, run: () => Promise<{ rows: unknown[] }>): Promise<number> {
  await sql`flush status`.execute(db.kysely);
  const { rows } = await run();
  expect(rows).toHaveLength(PAGE);
  const status = await sql<{ Variable_name: string; Value: string }>`
    show session status where Variable_name in ('Handler_read_prev', 'Handler_read_next', 'Handler_read_key')
  `.execute(db.kysely);
  return status.rows.reduce((sum, { Value }) => sum + Number(Value), 0);
}
