import { expect, test } from "bun:test";
import { EmbeddedEventLog } from "../../redis/embedded-event-log.ts";
import { openDatabase } from "../../db/connection/open.ts";
import { migrate } from "../../db/migrations/migrate.ts";
import { createStore } from "../../db/store.ts";
import { cancelTask } from "./cancel-task.ts";
import { DrapeError } from "../model/errors.ts";
import { ignoreFailpoints } from "../ports/failpoints.ts";
import { claimedTask } from "../ports/contracts/store.fixture.ts";
import type { TaskStore } from "../ports/task-store.ts";
import { systemClock } from "../../runtime/system-clock.ts";
import { silentLog } from "../../tests/silent-log.ts";
import { system } from "../../runtime/system.ts";

async function openStore(change: (real: TaskStore) => Partial<TaskStore>) {
  const db = await openDatabase("sqlite::memory:", system);
  await migrate(db.kysely);
  const real = createStore(db);
  const store = { tasks: { ...real.tasks, ...change(real.tasks) } };
  const events = new EmbeddedEventLog(systemClock);
  return { real, deps: { store, events, log: silentLog, failpoint: ignoreFailpoints } };
}

test("a cancel that was not committed is not said to be done", async () => {
  const away = new DrapeError("UNAVAILABLE", "the database is away");
  const { real, deps } = await openStore(() => ({ settle: () => Promise.reject(away) }));
  const { taskId, userId } = await claimedTask(real);

  const outcome = await cancelTask(deps, { userId, taskId }).catch((error: unknown) => error);

  expect(outcome).toBe(away);
  expect((await real.tasks.find(taskId))?.status).toBe("running");
  await real.close();
});

test("a cancel that came second says what came first", async () => {
  const { real, deps } = await openStore((tasks) => ({
    async settle(request) {
      await tasks.settle({ ...request, ending: "finished" });
      return tasks.settle(request);
    },
  }));
  const { taskId, userId } = await claimedTask(real);

  const { canceled, task } = await cancelTask(deps, { userId, taskId });

  expect([canceled, task.status]).toEqual([false, "failed"]);
  await real.close();
});
