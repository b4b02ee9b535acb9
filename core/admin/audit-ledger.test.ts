import { expect, test } from "bun:test";
import type { AccountHold } from "../ports/credit-store.ts";
import type { CheckResult } from "../ports/ledger-audit-store.ts";
import { silentLog } from "../../tests/silent-log.ts";
import { systemClock } from "../../runtime/system-clock.ts";
import { auditRecent, holdsAccounts } from "./audit-ledger.ts";

const ABOUT_CREDITS = ["I1", "I3", "I4a", "I4b", "I4c", "I4d", "I4e"];
const ABOUT_TASKS = ["I2", "I5", "I6", "I7", "I8", "I9", "I10a", "I10b", "I11", "I12a", "I12b"];

const broken = (invariant: string): CheckResult => ({
  invariant,
  promise: `the promise of ${invariant}`,
  findings: [{ account: `usr_${invariant}` }, { account: `usr_${invariant}` }, { account: 5 }],
});

/** One turn of the audit, which finds all of these broken. */
async function auditOf(checks: readonly CheckResult[]): Promise<readonly AccountHold[]> {
  let held: readonly AccountHold[] = [];
  const turn = { sinceMs: 0, nowMs: 1 };
  await auditRecent({
    store: {
      ledgerAudit: {
        takeTurn: async () => turn,
        check: async () => ({ tasks: 1, accounts: 1, accountsLeft: 0, checks }),
      },
      credits: {
        holdAccounts: async (holds: readonly AccountHold[]) => {
          held = holds;
          return holds.map(({ account }) => account);
        },
      },
    } as never, // it looks at nothing else of the store
    log: silentLog,
    clock: systemClock,
  });
  return held;
}

test("every breach that is about credits freezes the accounts that it names, once and with its reason", async () => {
  const held = await auditOf([...ABOUT_CREDITS, ...ABOUT_TASKS].map(broken));

  expect(held).toEqual(
    ABOUT_CREDITS.map((invariant) => ({
      account: `usr_${invariant}`,
      reason: `${invariant}: the promise of ${invariant}`,
    })),
  );
});

test("an account is frozen for the breach of I3 alone", async () => {
  const held = await auditOf([broken("I3")]);

  expect(held.map(({ account }) => account)).toEqual(["usr_I3"]);
  expect(holdsAccounts("I3")).toBe(true);
});
