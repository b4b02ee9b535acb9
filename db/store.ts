import type { Store } from "../core/ports/store.ts";
import { createAuditStore } from "./audit.ts";
import { createBooksStore } from "./check-books.ts";
import { createCreateStore } from "./create-tasks.ts";
import { asUnavailable } from "./database-errors.ts";
import { createDispatchStore } from "./dispatch-tasks.ts";
import { createFreezeStore } from "./freeze-accounts.ts";
import { createGrantStore } from "./grants.ts";
import { createIdentityStore } from "./identities.ts";
import { createListStore } from "./list-tasks.ts";
import { createTransferStore } from "./list-transfers.ts";
import type { Db } from "./open.ts";
import { createPresetStore } from "./presets.ts";
import { createQueueDepthStore } from "./queue-depth.ts";
import { createQueuePauseStore } from "./queue-pause.ts";
import { createQueueViewStore } from "./queue-view.ts";
import { createReadStore } from "./read-tasks.ts";
import { createRunStore } from "./run-tasks.ts";
import { createSettingStore } from "./settings.ts";
import { createSettleStore } from "./settle-tasks.ts";
import { createStatsStore } from "./task-stats.ts";
import { createUsageStore } from "./task-usage.ts";
import { createUserStore } from "./users.ts";

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
