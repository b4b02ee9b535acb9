import type { TaskStore } from "../../core/ports/task-store.ts";
import type { Db } from "../connection/db.ts";
import { createCheckpointMethods } from "./checkpoint-steps.ts";
import { createClaimMethods } from "./claim-tasks.ts";
import { createTasks } from "./create-tasks.ts";
import { findKey } from "./idempotency-keys.ts";
import { listTasks } from "./list-tasks.ts";
import { readTask, readVersion } from "./read-tasks.ts";
import { settleTask } from "./settle-tasks.ts";

export function createTaskStore(db: Db): TaskStore {
  return {
    create: (creates, windowSize) => createTasks(db, creates, windowSize),
    findReplay: (userId, route, key) => findKey(db, { userId, route, key }),
    find: (taskId) => readTask(db.kysely, taskId),
    findVersion: (taskId) => readVersion(db, taskId),
    list: (query) => listTasks(db, query),
    ...createClaimMethods(db),
    ...createCheckpointMethods(db),
    settle: (request) => settleTask(db, request),
  };
}
