import type { AuditStore } from "./audit-store.ts";
import type { CreditStore } from "./credit-store.ts";
import type { LedgerAuditStore } from "./ledger-audit-store.ts";
import type { PresetStore } from "./preset-store.ts";
import type { QueueStore } from "./queue-store.ts";
import type { SettingStore } from "./setting-store.ts";
import type { StatsStore } from "./stats-store.ts";
import type { TaskStore } from "./task-store.ts";
import type { UsageStore } from "./usage-store.ts";
import type { UserStore } from "./user-store.ts";

/**
 * The truth, in parts; a use case takes those that it touches. Every method is one transaction or one statement; times
 * in SQL are the database's own. Throws UNAVAILABLE when the database is away, nothing then having been acknowledged.
 */
export interface Store {
  readonly tasks: TaskStore;
  readonly queue: QueueStore;
  readonly credits: CreditStore;
  readonly users: UserStore;
  readonly presets: PresetStore;
  readonly audit: AuditStore;
  readonly stats: StatsStore;
  readonly usage: UsageStore;
  readonly ledgerAudit: LedgerAuditStore;
  readonly settings: SettingStore;

  /** The database's clock, epoch milliseconds. */
  nowMs(): Promise<number>;
  ping(): Promise<void>;
  close(): Promise<void>;
}
