import { expect, test } from "bun:test";
import {
  WINDOW,
  claimedTask,
  createOne,
  finish,
  newCustomer,
  taskCreate,
  type StoreSubject,
} from "./store.fixture.ts";
import type { Store } from "../store.ts";

const EVERY_MS = 300_000;

/** Turns, freezing, and what a task leaves to be told. That the books are sound is asked after the whole suite. */
export function storeBooksContract(subject: () => StoreSubject): void {
  test("a frozen account takes no new task; its key stays free, and what it has goes on", async () => {
    const { store } = subject();
    const { userId, place } = await claimedTask(store);
    const before = await store.credits.balance(userId);
    const frozen = await store.credits.freeze([{ account: userId, reason: "I1: a test" }]);

    const [refused, others] = await store.tasks.create(
      [
        taskCreate({ userId, held: 10, key: "frozen" }),
        taskCreate({ userId: await newCustomer(store, 100), held: 10 }),
      ],
      WINDOW,
    );

    expect(frozen).toEqual([userId]);
    expect([refused?.kind, others?.kind]).toEqual(["frozen", "created"]);
    expect(await store.tasks.findReplay(userId, "/create", "frozen")).toBeNull();
    expect(await store.credits.balance(userId)).toEqual(before);
    expect(
      await store.tasks.settle({ ...finish(place.taskId), fence: place.fence }),
    ).not.toBeNull();
  });

  test("an account is frozen once, with one audit row; a name that is no account is passed over", async () => {
    const { store } = subject();
    const account = await newCustomer(store, 0);
    const reason = "I3: no balance is negative";

    const frozen = [
      await store.credits.freeze([{ account, reason }]),
      await store.credits.freeze([
        { account, reason: "another" },
        { account: "usr_nobody", reason },
      ]),
    ];

    expect(frozen).toEqual([[account], []]);
    const acts = (await store.audit.list({ limit: 100 })).filter(
      ({ subject: of }) => of === account,
    );
    expect(acts.map(({ action, actor, detail }) => [action, actor, detail])).toEqual([
      ["account.freeze", "system", { reason }],
    ]);
  });

  test("whoever asks, one check is due at a time, and the next when its time has come", async () => {
    const { store, advance } = subject();
    advance(EVERY_MS);

    const asked = await Promise.all(
      Array.from({ length: 6 }, () => store.ledgerAudit.takeTurn(EVERY_MS)),
    );
    advance(EVERY_MS / 2);
    const early = await store.ledgerAudit.takeTurn(EVERY_MS);
    advance(EVERY_MS / 2 + 1);

    expect(asked.filter((turn) => turn !== null)).toHaveLength(1);
    expect(early).toBeNull();
    expect(await store.ledgerAudit.takeTurn(EVERY_MS)).not.toBeNull();
  });

  test("a check looks at what ended since the last one and at what lives, and finds nothing amiss", async () => {
    const { store, advance } = subject();
    await checkNext(store, advance);
    advance(120_000);
    const ended = await claimedTask(store);
    await store.tasks.settle({ ...finish(ended.taskId), fence: ended.place.fence });
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

  test("a task whose customer wants to be told ends every way with its delivery, and lives without", async () => {
    const { store } = subject();
    const wish = { userId: await newCustomer(store, 100), held: 10 };
    const webhookUrl = "https://hooks.example.com/drape?shop=1";
    const [live, ended, canceled] = [
      await createOne(store, { ...wish, webhookUrl }),
      await createOne(store, { ...wish, webhookUrl }),
      await createOne(store, { ...wish, webhookUrl }),
    ];

    await store.tasks.settle(finish(ended));
    await store.tasks.settle({ ...finish(canceled), ending: "canceled" });
    await store.tasks.settle({ ...finish(canceled), ending: "canceled" });

    expect((await store.tasks.find(live))?.status).toBe("queued");
    expect(await subject().broken()).toEqual([]);
  });
}

async function checkNext(store: Store, advance: (ms: number) => void) {
  advance(EVERY_MS + 1);
  const turn = await store.ledgerAudit.takeTurn(EVERY_MS);
  if (turn === null) throw new Error("the check was not due");
  return [turn, await store.ledgerAudit.check(turn)] as const;
}
