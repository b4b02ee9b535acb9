import type { Store } from "../core/ports/store.ts";
import { createAuditStore } from "./users/audit.ts";
import { createBooksStore } from "./ledger-audit/incremental-check.ts";
import { createCreateStore } from "./tasks/create-tasks.ts";
import { asUnavailable } from "./connection/database-errors.ts";
import { createDispatchStore } from "./tasks/dispatch-tasks.ts";
import { createFreezeStore } from "./credits/freeze-accounts.ts";
import { createGrantStore } from "./credits/grants.ts";
import { createIdentityStore } from "./users/identities.ts";
import { createListStore } from "./tasks/list-tasks.ts";
import { createTransferStore } from "./credits/list-transfers.ts";
import type { Db } from "./connection/db.ts";
import { createPresetStore } from "./presets.ts";
import { createQueueDepthStore } from "./tasks/count-queue.ts";
import { createQueuePauseStore } from "./tasks/queue-pause.ts";
import { createQueueViewStore } from "./tasks/queue-view.ts";
import { createReadStore } from "./tasks/read-tasks.ts";
import { createRunStore } from "./tasks/run-tasks.ts";
import { createSettingStore } from "./settings.ts";
import { createSettleStore } from "./tasks/settle-tasks.ts";
import { createStatsStore } from "./tasks/task-stats.ts";
import { createUsageStore } from "./tasks/task-usage.ts";
import { createUserStore } from "./users/users.ts";

/** The truth, in SQL. The database must be migrated. */
export function createStore(db: Db): Store {
  return withHonestErrors({
    ...createUserStore(db),
    ...createIdentityStore(db),
    ...createGrantStore(db),
    ...createAuditStore(db),
    ...createCreateStore(db),
    ...createReadStore(db),
    ...createListStore(db),
    ...createTransferStore(db),
    ...createDispatchStore(db),
    ...createQueueViewStore(db),
    ...createQueueDepthStore(db),
    ...createQueuePauseStore(db),
    ...createStatsStore(db),
    ...createRunStore(db),
    ...createSettleStore(db),
    ...createSettingStore(db),
    ...createPresetStore(db),
    ...createBooksStore(db),
    ...createFreezeStore(db),
    ...createUsageStore(db),
    close: () => db.close(),
  });
}

/** A database that is away is UNAVAILABLE in every method, whether it writes or only reads. */
function withHonestErrors(store: Store): Store {
  const entries = Object.entries(store).map(([name, method]: [string, Method]) => {
    const told: Method = async (...args) => {
      try {
        return await method(...args);
      } catch (error) {
        throw asUnavailable(error, "unknown");
      }
    };
    return [name, told] as const;
  });
  // Every method of the port is asynchronous, so that each entry keeps its signature.
  return Object.fromEntries(entries) as unknown as Store;
}

type Method = (...args: never[]) => Promise<unknown>;
