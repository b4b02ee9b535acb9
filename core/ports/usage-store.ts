import type { Usage } from "../model/usage-meter.ts";

export type CostPeriod = { readonly sinceMs: number; readonly untilMs: number };

export type CostTotals = {
  /** By function and provider. */
  readonly usage: readonly Usage[];
  /** Of the tasks that ended in the period. */
  readonly tasks: number;
  readonly chargedCredits: number;
  readonly releasedCredits: number;
};

/** What tasks used at the platform and the providers, beside what they cost their customers. No part of the ledger. */
export interface UsageStore {
  /** Adds to what is noted of the task; the rows are of different functions or providers. */
  add(taskId: string, usage: readonly Usage[]): Promise<void>;
  find(taskId: string): Promise<readonly Usage[]>;
  /** Usage that was noted last in the period, and tasks that ended in it; from `sinceMs`, up to `untilMs`, itself not. */
  sumCosts(period: CostPeriod): Promise<CostTotals>;
}
