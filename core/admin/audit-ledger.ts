import type { Deps, StoreParts } from "../deps.ts";
import type { Freeze } from "../ports/credit-store.ts";
import type { LedgerAuditReport, CheckResult } from "../ports/ledger-audit-store.ts";

export const BOOKS_SETTINGS = {
  /** One process of all checks the books this often. */
  everyMs: 300_000,
  /** Every process looks this often whether it is its turn. */
  lookMs: 30_000,
} as const;

type AuditDeps = StoreParts<"ledgerAudit" | "credits"> & Pick<Deps, "log" | "clock">;

/** Whether a breach of this invariant stops the account's new tasks: those about its credits do. */
export function freezesAccounts(invariant: string): boolean {
  return /^I[134][a-z]?$/.test(invariant);
}

/**
 * Checks the books when it is this process's turn: one line with what was looked at, one loud line for each promise
 * that is broken, and the accounts whose credits do not add up take no new tasks until an operator clears them
 * (`ledger:verify --clear`). Null: not our turn.
 */
export async function checkBooks(deps: AuditDeps): Promise<LedgerAuditReport | null> {
  const turn = await deps.store.ledgerAudit.takeTurn(BOOKS_SETTINGS.everyMs);
  if (turn === null) return null;
  const startedMs = deps.clock.monotonicMs();
  const check = await deps.store.ledgerAudit.check(turn);
  const { checks, ...looked } = check;
  const broken = checks.filter(({ findings }) => findings.length > 0);
  for (const { invariant, promise, findings } of broken) {
    deps.log.failure(`THE BOOKS ARE BROKEN: ${invariant}, ${promise}`, null, {
      invariant,
      rows: findings.length,
      first: JSON.stringify(findings[0]),
    });
  }
  const frozen = await deps.store.credits.freeze(freezesOf(broken));
  for (const account of frozen) {
    deps.log.failure("account frozen: it takes no new tasks until it is cleared", null, {
      account,
      clear: `npm run ledger:verify -- --clear ${account}`,
    });
  }
  deps.log.info("books checked", {
    ...looked,
    checks: checks.length,
    broken: broken.length,
    frozen: frozen.length,
    durationMs: Math.round(deps.clock.monotonicMs() - startedMs),
  });
  return check;
}

/** The schedule's work. It passes its first time: after a rest of all workers the sweep goes first. */
export function booksSchedule(deps: AuditDeps): () => Promise<void> {
  let started = false;
  return async () => {
    if (started) await checkBooks(deps);
    started = true;
  };
}

/** Each account once, with the first reason. */
function freezesOf(broken: readonly CheckResult[]): Freeze[] {
  const reasons = new Map<string, string>();
  for (const { invariant, promise, findings } of broken) {
    if (!freezesAccounts(invariant)) continue;
    for (const { account } of findings) {
      if (typeof account === "string" && !reasons.has(account))
        reasons.set(account, `${invariant}: ${promise}`);
    }
  }
  return [...reasons].map(([account, reason]) => ({ account, reason }));
}
