import type { QueueStore } from "../../core/ports/queue-store.ts";
import type { Db } from "../connection/db.ts";
import { countLive, countUpTo } from "./count-queue.ts";
import { dispatchTasks, sweepTasks } from "./dispatch-tasks.ts";
import { findPause, setPause } from "./queue-pause.ts";
import { queueKeys, viewQueue } from "./queue-view.ts";

export function createQueueStore(db: Db): QueueStore {
  return {
    dispatch: (windowSize) => dispatchTasks(db, windowSize),
    sweep: (limit) => sweepTasks(db, limit),
    view: (limits) => viewQueue(db, limits),
    keysOf: (taskIds) => queueKeys(db, taskIds),
    countQueued: (max) => countUpTo(db, max, { status: "queued" }),
    countLive: (userId, max) => countLive(db, userId, max),
    findPause: () => findPause(db),
    setPause: (reason, audit) => setPause(db, reason, audit),
  };
}
