import { expect, test } from "bun:test";
import { freshId } from "../../model/ids.fixture.ts";
import type { GrantWrite } from "../credit-store.ts";
import type { PageQuery } from "../store-types.ts";
import type { Store } from "../store.ts";
import {
  claimedTask,
  finish,
  imageDone,
  newCustomer,
  promptDone,
  newTask,
  WINDOW,
  type StoreSubject,
} from "./store.fixture.ts";

type Entry = { readonly id: string; readonly createdAtMs: number };
type Page = (query: PageQuery) => Promise<readonly Entry[]>;

/** Grants, the entries of a customer's credits, and frozen accounts. */
export function creditStoreContract(subject: () => StoreSubject): void {
  test("the same grant twice is one grant", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 0);
    const grant = {
      id: freshId("trf"),
      userId,
      amount: 70,
      reason: "test",
      actor: "system",
    };

    await store.credits.grant(grant);
    await store.credits.grant(grant);

    expect(await store.credits.balance(userId)).toEqual({ available: 70, held: 0 });
  });

  test("the same grant from several callers at once is one grant", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 0);
    const id = freshId("trf");
    const grant = { id, userId, amount: 70, reason: "test", actor: "system" };

    await Promise.all(Array.from({ length: 8 }, () => store.credits.grant(grant)));

    expect(await store.credits.balance(userId)).toEqual({ available: 70, held: 0 });
  });

  test("a grant by an administrator stands with its audit row, once, however often it is sent", async () => {
    const { store } = subject();
    const write = grantOf(await newCustomer(store, 5));

    const outcomes = [
      await store.credits.grant(write),
      await store.credits.grant(withNewAudit(write)),
    ];

    const balance = { available: 75, held: 0 };
    expect(outcomes).toEqual([
      { kind: "granted", balance },
      { kind: "repeated", balance },
    ]);
    expect(await store.credits.balance(write.userId)).toEqual(balance);
    const { createdAtMs, ...entry } = (await auditOf(store, write.userId))[0] ?? {};
    expect(entry).toEqual({ ...write.audit, actor: "usr_admin" });
    expect(Math.abs((createdAtMs ?? 0) - (await store.nowMs()))).toBeLessThan(60_000);
    expect(await auditOf(store, write.userId)).toHaveLength(1);
  });

  test("the same grant from several callers at once leaves one audit row", async () => {
    const { store } = subject();
    const write = grantOf(await newCustomer(store, 0));

    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => store.credits.grant(withNewAudit(write))),
    );

    expect(outcomes.filter(({ kind }) => kind === "granted")).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === "repeated")).toHaveLength(7);
    expect(await auditOf(store, write.userId)).toHaveLength(1);
  });

  test("an id that made another grant is taken: nothing is granted and nothing noted", async () => {
    const { store } = subject();
    const [anna, bert] = [await newCustomer(store, 0), await newCustomer(store, 0)];
    const write = grantOf(anna);
    await store.credits.grant(write);

    const kinds = [];
    for (const other of [{ userId: bert }, { amount: 71 }, { reason: "another" }]) {
      kinds.push((await store.credits.grant({ ...withNewAudit(write), ...other })).kind);
    }

    expect(kinds).toEqual(["id-taken", "id-taken", "id-taken"]);
    expect((await store.credits.balance(anna))?.available).toBe(70);
    expect((await store.credits.balance(bert))?.available).toBe(0);
    expect(await auditOf(store, anna)).toHaveLength(1);
  });

  test("one id sent for two customers at the same time is granted to one of them", async () => {
    const { store } = subject();
    const [anna, bert] = [await newCustomer(store, 0), await newCustomer(store, 0)];
    const write = grantOf(anna);

    const outcomes = await Promise.all([
      store.credits.grant(write),
      store.credits.grant({ ...withNewAudit(write), userId: bert }),
    ]);

    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["granted", "id-taken"]);
    const balances = [await store.credits.balance(anna), await store.credits.balance(bert)];
    expect(balances.map((balance) => balance?.available).sort()).toEqual([0, 70]);
  });

  test("a grant whose audit row cannot be written does not stand", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 0);
    const first = grantOf(userId);
    await store.credits.grant(first);

    const second = store.credits.grant({ ...grantOf(userId), audit: first.audit });

    expect(second).rejects.toThrow();
    await second.catch(() => undefined);
    expect((await store.credits.balance(userId))?.available).toBe(70);
  });

  test("a grant to nobody is NOT_FOUND and leaves nothing", async () => {
    const { store } = subject();
    const write = grantOf("usr_nobody");

    const error: unknown = await store.credits.grant(write).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: "NOT_FOUND" });
    expect(await auditOf(store, "usr_nobody")).toEqual([]);
  });

  test("the entries of all pages add up to the available credits", async () => {
    const { store } = subject();
    const { userId, claim, taskId } = await claimedTask(store);
    await store.tasks.checkpoint(claim, [promptDone, imageDone(0, claim.taskId)]);
    await store.tasks.settle({ ...finish(taskId), fence: claim.fence });
    await store.credits.grant({
      id: freshId("trf"),
      userId,
      amount: 7,
      reason: "gift",
      actor: "x",
    });

    const pages = await readAll((query) => store.credits.listTransfers(query), userId, 1);
    const entries = await store.credits.listTransfers({ userId, limit: 100 });

    expect(pages.flat()).toEqual([...entries]);
    expect(entries.map(({ kind, amount }) => [kind, amount]).sort()).toEqual([
      ["grant", 100],
      ["grant", 7],
      ["hold", -24],
      ["release", 13],
    ]);
    const total = entries.reduce((sum, { amount }) => sum + amount, 0);
    expect(total).toBe((await store.credits.balance(userId))?.available ?? -1);
  });

  test("a frozen account takes no new task; its key stays free, and what it has goes on", async () => {
    const { store } = subject();
    const { userId, claim } = await claimedTask(store);
    const before = await store.credits.balance(userId);
    const frozen = await store.credits.holdAccounts([{ account: userId, reason: "I1: a test" }]);

    const [refused, others] = await store.tasks.create(
      [
        newTask({ userId, held: 10, key: "frozen" }),
        newTask({ userId: await newCustomer(store, 100), held: 10 }),
      ],
      WINDOW,
    );

    expect(frozen).toEqual([userId]);
    expect([refused?.kind, others?.kind]).toEqual(["frozen", "created"]);
    expect(await store.tasks.findReplay(userId, "/create", "frozen")).toBeNull();
    expect(await store.credits.balance(userId)).toEqual(before);
    expect(
      await store.tasks.settle({ ...finish(claim.taskId), fence: claim.fence }),
    ).not.toBeNull();
  });

  test("an account is frozen once, with one audit row; a name that is no account is passed over", async () => {
    const { store } = subject();
    const account = await newCustomer(store, 0);
    const reason = "I3: no balance is negative";

    const frozen = [
      await store.credits.holdAccounts([{ account, reason }]),
      await store.credits.holdAccounts([
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
}

function grantOf(userId: string): GrantWrite & Required<Pick<GrantWrite, "audit">> {
  const id = freshId("trf");
  const detail = { transferId: id, amount: 70, reason: "开业 bonus" };
  const audit = { id: freshId("aud"), action: "credits.grant", subject: userId, detail };
  return { id, userId, amount: 70, reason: detail.reason, actor: "usr_admin", audit };
}

function withNewAudit(write: ReturnType<typeof grantOf>): GrantWrite {
  return { ...write, audit: { ...write.audit, id: freshId("aud") } };
}

async function auditOf(store: Store, userId: string) {
  const entries = await store.audit.list({ limit: 100 });
  return entries.filter(({ subject }) => subject === userId);
}

async function readAll(page: Page, userId: string, limit: number): Promise<Entry[][]> {
  const pages: Entry[][] = [];
  for (let rows = await page({ userId, limit }); rows.length > 0;) {
    pages.push([...rows]);
    const last = rows.at(-1);
    rows = last === undefined ? [] : await page({ userId, limit, before: last });
  }
  return pages;
}
