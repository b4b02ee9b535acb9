import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { AUDIT_SETTINGS, auditSchedule, auditRecent } from "../../core/admin/audit-ledger.ts";
import { createLog } from "../../core/resilience/log.ts";
import {
  WINDOW,
  claimedTask,
  finish,
  newCustomer,
  newTask,
} from "../../core/ports/contracts/store.fixture.ts";
import { systemClock } from "../../runtime/system-clock.ts";
import { clearAccount } from "./hold-accounts.ts";
import { onMariadb } from "../../tests/on-mariadb.ts";
import { openTestStore, type TestStore } from "../store.fixture.ts";

function holdSuite(name: string, open: () => Promise<TestStore>): void {
  describe(`the ledger that audits itself on ${name}`, () => {
    let opened: TestStore;
    let lines: string[] = [];
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    const deps = () => {
      const write = (line: string) => void lines.push(line);
      const log = createLog({ format: "pretty", level: "all", write, nowMs: Date.now });
      return { store: opened.store, log, clock: systemClock };
    };
    const checkNow = async () => {
      lines = [];
      opened.advance(AUDIT_SETTINGS.everyMs + 1);
      await auditRecent(deps());
      return lines;
    };
    const create = async (userId: string) => {
      const outcomes = await opened.store.tasks.create([newTask({ userId, held: 1 })], WINDOW);
      return outcomes[0]?.kind;
    };
    const move = (userId: string, credits: number) =>
      sql`update accounts set available = available + ${credits} where id = ${userId}`.execute(
        opened.db.kysely,
      );

    test("an account whose credits do not add up is frozen, loudly; others are not", async () => {
      const [damaged, sound] = [
        await newCustomer(opened.store, 50),
        await newCustomer(opened.store, 50),
      ];
      const quiet = await checkNow();
      await claimedTask(opened.store);
      await create(damaged);
      await move(damaged, 1);

      const loud = await checkNow();

      expect(quiet.filter((line) => line.startsWith("❌"))).toEqual([]);
      expect(quiet.at(-1)).toMatch(/^📊 ledger checked {2}tasks=\d+ accounts=2 .*broken=0/);
      expect(loud.filter((line) => line.startsWith("❌"))).toEqual([
        expect.stringContaining("THE LEDGER IS BROKEN: I1"),
        expect.stringContaining(`--clear ${damaged}`),
      ]);
      expect([await create(damaged), await create(sound)]).toEqual(["frozen", "created"]);
      expect((await checkNow()).filter((line) => line.includes("frozen:"))).toEqual([]);
      await move(damaged, -1);
    });

    test("an ended task that posted too much freezes its customer's account, who is cleared when it is mended", async () => {
      const { userId, taskId } = await claimedTask(opened.store);
      await opened.store.tasks.settle(finish(taskId));
      const post = (credits: number) =>
        sql`update resolutions set posted = posted + ${credits}, released = released - ${credits}
          where taskId = ${taskId}`.execute(opened.db.kysely);
      await post(3);

      await checkNow();
      const early = await clearAccount(opened.db, userId, "operator");
      await post(-3);
      const refused = await create(userId);
      const cleared = await clearAccount(opened.db, userId, "operator");

      expect(early.kind).toBe("still-broken");
      expect(refused).toBe("frozen");
      expect(cleared.kind).toBe("cleared");
      expect(await create(userId)).toBe("created");
      expect((await clearAccount(opened.db, userId, "operator")).kind).toBe("not-frozen");
    });

    test("every account of a damage is frozen, also beyond the rows that are shown", async () => {
      const damaged: string[] = [];
      for (let i = 0; i < 25; i += 1) damaged.push(await newCustomer(opened.store, 50));
      for (const userId of damaged) await move(userId, 1);

      await checkNow();
      const creates: unknown[] = [];
      for (const userId of damaged) creates.push(await create(userId));
      for (const userId of damaged) await move(userId, -1);

      expect(creates).toEqual(damaged.map(() => "frozen"));
    });

    test("an overdue task is told once, however many parts were looked at, and where nothing moved", async () => {
      const { taskId } = await claimedTask(opened.store);
      const due = (expiresAt: number) =>
        sql`update tasks set expiresAt = ${expiresAt} where id = ${taskId}`.execute(
          opened.db.kysely,
        );
      await due(1);

      const loud = await checkNow();
      await due(Date.now() * 2);

      expect(loud.filter((line) => line.includes("THE LEDGER IS BROKEN: I7"))).toEqual([
        expect.stringContaining("rows=1 "),
      ]);
    });

    test("a breach that is not about credits is told and freezes nobody", async () => {
      const { userId, taskId } = await claimedTask(opened.store);
      await sql`update tasks set attempts = 9 where id = ${taskId}`.execute(opened.db.kysely);

      const loud = await checkNow();
      await sql`update tasks set attempts = 0 where id = ${taskId}`.execute(opened.db.kysely);

      expect(loud.filter((line) => line.includes("THE LEDGER IS BROKEN: I6"))).toHaveLength(1);
      expect(await create(userId)).toBe("created");
    });

    test("a worker that has just started lets the sweep go first", async () => {
      opened.advance(AUDIT_SETTINGS.everyMs + 1);
      lines = [];
      const scheduled = auditSchedule(deps());

      await scheduled();
      const first = lines.length;
      await scheduled();

      expect([first, lines.some((line) => line.includes("ledger checked"))]).toEqual([0, true]);
    });
  });
}

holdSuite("SQLite", () => openTestStore("sqlite::memory:"));
onMariadb((server) => {
  holdSuite("MariaDB", async () => openTestStore(await server().createDatabase("watched")));
});
