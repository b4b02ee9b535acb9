import { describe, expect, test } from "bun:test";
import { sql } from "kysely";
import type { TaskStore } from "../../core/ports/task-store.ts";
import type { Db } from "../../db/connection/db.ts";
import { checkModel } from "./check-model.ts";
import { openSubject } from "./subject.ts";

type Change = (tasks: TaskStore, db: Db) => Partial<TaskStore>;

/** Stores with one mistake each. A check that cannot fail proves nothing: the model must tell all of them apart. */
const MISTAKES: Readonly<Record<string, Change>> = {
  "a checkpoint under any fence": (tasks) => ({
    async checkpoint({ taskId }, writes) {
      const fence = (await tasks.find(taskId))?.fence ?? 0;
      return tasks.checkpoint({ taskId, fence }, writes);
    },
  }),
  "a renewal under any fence": (tasks) => ({
    async renewLeases(claims, leaseMs) {
      const found = await Promise.all(claims.map(({ taskId }) => tasks.find(taskId)));
      const kept = found.flatMap((task) =>
        task === null ? [] : { taskId: task.id, fence: task.fence },
      );
      return tasks.renewLeases(kept, leaseMs);
    },
  }),
  "an end without its resolution": (tasks, db) => ({
    async settle(request) {
      const settled = await tasks.settle(request);
      await sql`delete from resolutions where taskId = ${request.taskId}`.execute(db.kysely);
      return settled;
    },
  }),
  "a cancel of what has ended": (tasks, db) => ({
    async settle(request) {
      const settled = await tasks.settle(request);
      if (request.ending === "canceled")
        await sql`update tasks set status = 'canceled' where id = ${request.taskId}`.execute(
          db.kysely,
        );
      return settled;
    },
  }),
  "a crash that is not counted": (tasks, db) => ({
    async claim(taskId, workerId, leaseMs) {
      const task = await tasks.claim(taskId, workerId, leaseMs);
      await sql`update tasks set crashes = 0 where id = ${taskId}`.execute(db.kysely);
      return task;
    },
  }),
  "an end that nobody is told of": (tasks, db) => ({
    async settle(request) {
      const settled = await tasks.settle(request);
      await sql`delete from deliveries where taskId = ${request.taskId}`.execute(db.kysely);
      return settled;
    },
  }),
};

describe("the model finds", () => {
  for (const [name, change] of Object.entries(MISTAKES)) {
    test(name, async () => {
      const subject = await openSubject("sqlite::memory:", (store, db) => ({
        ...store,
        tasks: { ...store.tasks, ...change(store.tasks, db) },
      }));

      const failure: unknown = await checkModel(subject, { runs: 500, endOnFailure: true }).catch(
        (error: unknown) => error,
      );

      expect(String(failure)).toContain("Counterexample");
      await subject.close();
    });
  }
});
