import type { Deps, StoreParts } from "../deps.ts";
import type { AccountHold } from "../ports/credit-store.ts";
import type { LedgerAuditReport, CheckResult } from "../ports/ledger-audit-store.ts";

export const AUDIT_SETTINGS = {
  /** Of all processes one audits the ledger this often. */
  everyMs: 300_000,
  /** Every process checks this often whether it is its turn. */
  pollMs: 30_000,
} as const;

type AuditDeps = StoreParts<"ledgerAudit" | "credits"> & Pick<Deps, "log" | "clock">;

/** Whether a breach of this invariant stops the account's new tasks: those about its credits do. */
export function holdsAccounts(invariant: string): boolean {
  return /^I[134][a-z]?$/.test(invariant);
}

/**
 * Checks the ledger when it is this process's turn: one line with what was looked at, one loud line for each promise
 * that is broken, and the accounts whose credits do not add up take no new tasks until an operator clears them
 * (`ledger:verify --clear`). Null: not our turn.
 */
export async function auditRecent(deps: AuditDeps): Promise<LedgerAuditReport | null> {
  const turn = await deps.store.ledgerAudit.takeTurn(AUDIT_SETTINGS.everyMs);
  if (turn === null) return null;
  const startedMs = deps.clock.monotonicMs();
  const check = await deps.store.ledgerAudit.check(turn);
  const { checks, ...looked } = check;
  const broken = checks.filter(({ findings }) => findings.length > 0);
  for (const { invariant, promise, findings } of broken) {
    deps.log.failure(`THE LEDGER IS BROKEN: ${invariant}, ${promise}`, null, {
      invariant,
      rows: findings.length,
      first: JSON.stringify(findings[0]),
    });
  }
  const frozen = await deps.store.credits.holdAccounts(holdsOf(broken));
  for (const account of frozen) {
    deps.log.failure("account frozen: it takes no new tasks until it is cleared", null, {
      account,
      clear: `npm run ledger:verify -- --clear ${account}`,
    });
  }
  deps.log.info("ledger checked", {
    ...looked,
    checks: checks.length,
    broken: broken.length,
    frozen: frozen.length,
    durationMs: Math.round(deps.clock.monotonicMs() - startedMs),
  });
  return check;
}

/** The schedule's work. It passes its first time: after a rest of all workers the sweep goes first. */
export function auditSchedule(deps: AuditDeps): () => Promise<void> {
  let started = false;
  return async () => {
    if (started) await auditRecent(deps);
    started = true;
  };
}

/** Each account once, with the first reason. */
function holdsOf(broken: readonly CheckResult[]): AccountHold[] {
  const reasons = new Map<string, string>();
  for (const { invariant, promise, findings } of broken) {
    if (!holdsAccounts(invariant)) continue;
    for (const { account } of findings) {
      if (typeof account === "string" && !reasons.has(account))
        reasons.set(account, `${invariant}: ${promise}`);
    }
  }
  return [...reasons].map(([account, reason]) => ({ account, reason }));
}
