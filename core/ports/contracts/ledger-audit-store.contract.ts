import { expect, test } from "bun:test";
import type { Store } from "../store.ts";
import { claimedTask, finish, type StoreSubject } from "./store.fixture.ts";

const EVERY_MS = 300_000;

/** Turns and what they look at. That the ledger is sound is asked after the whole suite. */
export function ledgerAuditStoreContract(subject: () => StoreSubject): void {
  test("whoever asks, one check is due at a time, and the next when its time has come", async () => {
    const { store, advance } = subject();
    advance(EVERY_MS);

    const turns = await Promise.all(
      Array.from({ length: 6 }, () => store.ledgerAudit.takeTurn(EVERY_MS)),
    );
    advance(EVERY_MS / 2);
    const early = await store.ledgerAudit.takeTurn(EVERY_MS);
    advance(EVERY_MS / 2 + 1);

    expect(turns.filter((turn) => turn !== null)).toHaveLength(1);
    expect(early).toBeNull();
    expect(await store.ledgerAudit.takeTurn(EVERY_MS)).not.toBeNull();
  });

  test("a check looks at what ended since the last one and at what lives, and finds nothing amiss", async () => {
    const { store, advance } = subject();
    await checkNext(store, advance);
    advance(120_000);
    const ended = await claimedTask(store);
    await store.tasks.settle({ ...finish(ended.taskId), fence: ended.claim.fence });
    await claimedTask(store);

    const [turn, check] = await checkNext(store, advance);
    const [later] = await checkNext(store, advance);

    expect(turn.sinceMs).toBeGreaterThan(0);
    expect(later.sinceMs).toBeGreaterThan(turn.sinceMs);
    expect(check.tasks).toBeGreaterThanOrEqual(2);
    expect(check.accounts).toBeGreaterThanOrEqual(2);
    expect(check.accountsLeft).toBe(0);
    const broken = check.checks.filter(({ findings }) => findings.length > 0);
    // Deadlines are moved over on purpose in these suites.
    expect(broken.filter(({ invariant }) => invariant !== "I7")).toEqual([]);
  });
}

async function checkNext(store: Store, advance: (ms: number) => void) {
  advance(EVERY_MS + 1);
  const turn = await store.ledgerAudit.takeTurn(EVERY_MS);
  if (turn === null) throw new Error("the check was not due");
  return [turn, await store.ledgerAudit.check(turn)] as const;
}
