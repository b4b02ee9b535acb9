export type Finding = Readonly<Record<string, string | number | null>>;

/** One promise of the ledger (docs/architecture.md, Invariants) and the rows that break it. */
export type CheckResult = {
  readonly invariant: string;
  readonly promise: string;
  /** Rows that break the promise: at most 20, and of `check` beyond these one for each other account. */
  readonly findings: readonly Finding[];
};

export type LedgerAuditReport = {
  readonly checks: readonly CheckResult[];
  /** How much was looked at: ended, running and waiting tasks; accounts that they or a grant touched. */
  readonly tasks: number;
  readonly accounts: number;
  /** Accounts with too many transfers for a bounded check: left to `ledger:verify`. */
  readonly accountsLeft: number;
};

/** A check of the ledger that a process has taken on: from `sinceMs` on, by the database's clock. */
export type LedgerAuditTurn = { readonly sinceMs: number; readonly nowMs: number };

/** The part of the store that checks the credits and tasks of the others. */
export interface LedgerAuditStore {
  /** Takes on the check that is due, for one process among all. Null: it is not due, or another's. */
  takeTurn(everyMs: number): Promise<LedgerAuditTurn | null>;
  /**
   * Checks what moved since the turn's `sinceMs`, in bounded parts, and what lives; then notes how far it came. It
   * only reads: a check that another process repeats does no harm.
   */
  check(turn: LedgerAuditTurn): Promise<LedgerAuditReport>;
}
