import type { AuditWrite } from "./audit-store.ts";
import type { PageQuery } from "./store-types.ts";

export type Balance = { readonly available: number; readonly held: number };

export type GrantWrite = {
  readonly id: string;
  readonly userId: string;
  readonly amount: number;
  readonly reason: string;
  readonly actor: string;
  /** For an administrator's act; written in the grant's transaction, by the same actor. */
  readonly audit?: AuditWrite;
};

export type GrantOutcome =
  | { readonly kind: "granted" | "repeated"; readonly balance: Balance }
  /** The id belongs to a grant of another customer, amount or reason: nothing was changed. */
  | { readonly kind: "id-taken" };

/** One line of a customer's credits. */
export type TransferEntry = {
  readonly id: string;
  readonly kind: "grant" | "hold" | "post" | "release" | "refund";
  /** Credits, as the available balance sees them: a hold is negative. */
  readonly amount: number;
  readonly taskId: string | null;
  readonly reason: string;
  readonly createdAtMs: number;
};

export type AccountHold = { readonly account: string; readonly reason: string };

/** The customers' credits. What a task holds and what its end posts is moved by the tasks' own part. */
export interface CreditStore {
  /**
   * Issues credits to a customer; the same transfer id twice is one grant, with one audit row, and the balance given
   * back is the one after this transaction. Throws NOT_FOUND.
   */
  grant(grant: GrantWrite): Promise<GrantOutcome>;
  balance(userId: string): Promise<Balance | null>;
  /** What moved this customer's available credits, newest first; the amounts of all pages add up to `available`. */
  listTransfers(query: PageQuery): Promise<readonly TransferEntry[]>;
  /** Freezes accounts, each with its audit row; gives those that were not frozen before. */
  holdAccounts(accounts: readonly AccountHold[]): Promise<readonly string[]>;
}
