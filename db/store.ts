import type { Store } from "../core/ports/store.ts";
import { databaseNowMs } from "./connection/database-clock.ts";
import { asUnavailable } from "./connection/database-errors.ts";
import type { Db } from "./connection/db.ts";
import { createCreditStore } from "./credits/credit-store.ts";
import { createLedgerAuditStore } from "./ledger-audit/incremental-check.ts";
import { createPresetStore } from "./presets.ts";
import { createSettingStore } from "./settings.ts";
import { createQueueStore } from "./tasks/queue-store.ts";
import { createStatsStore } from "./tasks/task-stats.ts";
import { createTaskStore } from "./tasks/task-store.ts";
import { createUsageStore } from "./tasks/task-usage.ts";
import { createAuditStore } from "./users/audit.ts";
import { createUserStore } from "./users/user-store.ts";

/** The truth, in SQL. The database must be migrated. */
export function createStore(db: Db): Store {
  const nowMs = () => databaseNowMs(db, db.kysely);
  return {
    tasks: withMappedErrors(createTaskStore(db)),
    queue: withMappedErrors(createQueueStore(db)),
    credits: withMappedErrors(createCreditStore(db)),
    users: withMappedErrors(createUserStore(db)),
    presets: withMappedErrors(createPresetStore(db)),
    audit: withMappedErrors(createAuditStore(db)),
    stats: withMappedErrors(createStatsStore(db)),
    usage: withMappedErrors(createUsageStore(db)),
    ledgerAudit: withMappedErrors(createLedgerAuditStore(db)),
    settings: withMappedErrors(createSettingStore(db)),
    ...withMappedErrors({
      nowMs,
      async ping() {
        await nowMs();
      },
      close: () => db.close(),
    }),
  };
}

type Method = (...args: never[]) => Promise<unknown>;

/** A database that is away is UNAVAILABLE in every method, whether it writes or only reads. */
function withMappedErrors<Part extends object>(part: Part & Record<keyof Part, Method>): Part {
  const entries = Object.entries<Method>(part).map(([name, method]) => {
    const mapped: Method = async (...args) => {
      try {
        return await method(...args);
      } catch (error) {
        throw asUnavailable(error, "unknown");
      }
    };
    return [name, mapped] as const;
  });
  // Every method of a part is asynchronous, so that each entry keeps its signature.
  return Object.fromEntries(entries) as unknown as Part;
}
