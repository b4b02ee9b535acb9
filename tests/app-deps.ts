import { createCosObjectStore } from "../cloud/cos-object-store.ts";
import { createBatcher } from "../core/tasks/group-commit.ts";
import { ignoreFailpoints } from "../core/ports/failpoints.ts";
import { createPresets } from "../core/caches/preset-cache.ts";
import { createUserCache } from "../core/caches/user-cache.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { DEFAULT_TASK_SETTINGS } from "../core/model/task-settings.ts";
import { createStore } from "../db/store.ts";
import { EmbeddedCache } from "../redis/embedded-cache.ts";
import { EmbeddedEventLog } from "../redis/embedded-event-log.ts";
import { EmbeddedBroadcast } from "../redis/embedded-broadcast.ts";
import { EmbeddedQueue } from "../redis/embedded-queue.ts";
import { EmbeddedRateLimiter } from "../redis/embedded-rate-limiter.ts";
import { EmbeddedProcessRegistry } from "../redis/embedded-process-registry.ts";
import { silentLog } from "./silent-log.ts";
import type { ApiDeps } from "../api/context.ts";
import { createFunctionPauses } from "../core/invocation/function-pauses.ts";
import type { Db } from "../db/connection/db.ts";
import { system } from "../runtime/system.ts";

/**
 * What the api needs, on a database that is open: everything else in memory, an object store that is never reached,
 * functions that are never called.
 */
export function realDeps(db: Db): ApiDeps {
  const store = createStore(db);
  const clock = systemClock;
  const settings = DEFAULT_TASK_SETTINGS;
  const cos = { secretId: "id", secretKey: "key", region: "ap-guangzhou" };
  return {
    store,
    queue: new EmbeddedQueue(silentLog, system.clock),
    events: new EmbeddedEventLog(clock),
    cache: new EmbeddedCache(clock),
    rateLimiter: new EmbeddedRateLimiter(clock),
    registry: new EmbeddedProcessRegistry(clock),
    presets: createPresets({ store, broadcast: new EmbeddedBroadcast(silentLog), clock }),
    users: createUserCache({
      store,
      cache: new EmbeddedCache(clock),
      broadcast: new EmbeddedBroadcast(silentLog),
    }),
    objects: createCosObjectStore({
      ...system,
      ...cos,
      bucket: "drape-1250000000",
      endpoint: "127.0.0.1:9",
    }),
    functions: {
      call: () => Promise.reject(new Error("no route calls a function")),
      describe: async () => ({ deployed: true, active: true, detail: "Active" }),
    },
    functionPauses: createFunctionPauses({ store, clock, log: silentLog, settings }),
    wechat: null,
    clock,
    random: system.random,
    log: silentLog,
    settings,
    failpoint: ignoreFailpoints,
    createTask: createBatcher(store.tasks, settings.limits.dispatchWindow),
    jwtSecret: "a secret of more than thirty-two characters",
    allowHttpHosts: [],
    trustedProxies: { hops: 0 },
    corsOrigins: [],
    signUpCredits: { byEmail: 0, byWechat: 0 },
  };
}
