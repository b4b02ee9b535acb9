import { expect, test } from "bun:test";
import { freshId } from "../../model/ids.fixture.ts";
import type { GrantWrite } from "../credit-store.ts";
import type { Store } from "../store.ts";
import { newCustomer, type StoreSubject } from "./store.fixture.ts";

/** What an administrator grants, and the row that it leaves. */
export function storeGrantsContract(subject: () => StoreSubject): void {
  test("a grant by an administrator stands with its audit row, once, however often it is sent", async () => {
    const { store } = subject();
    const wish = grantOf(await newCustomer(store, 5));

    const outcomes = [
      await store.credits.grant(wish),
      await store.credits.grant(withNewAudit(wish)),
    ];

    const balance = { available: 75, held: 0 };
    expect(outcomes).toEqual([
      { kind: "granted", balance },
      { kind: "repeated", balance },
    ]);
    expect(await store.credits.balance(wish.userId)).toEqual(balance);
    const { createdAtMs, ...entry } = (await auditOf(store, wish.userId))[0] ?? {};
    expect(entry).toEqual({ ...wish.audit, actor: "usr_admin" });
    expect(Math.abs((createdAtMs ?? 0) - (await store.nowMs()))).toBeLessThan(60_000);
    expect(await auditOf(store, wish.userId)).toHaveLength(1);
  });

  test("the same grant from several callers at once leaves one audit row", async () => {
    const { store } = subject();
    const wish = grantOf(await newCustomer(store, 0));

    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => store.credits.grant(withNewAudit(wish))),
    );

    expect(outcomes.filter(({ kind }) => kind === "granted")).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === "repeated")).toHaveLength(7);
    expect(await auditOf(store, wish.userId)).toHaveLength(1);
  });

  test("an id that made another grant is taken: nothing is granted and nothing noted", async () => {
    const { store } = subject();
    const [anna, bert] = [await newCustomer(store, 0), await newCustomer(store, 0)];
    const wish = grantOf(anna);
    await store.credits.grant(wish);

    const kinds = [];
    for (const other of [{ userId: bert }, { amount: 71 }, { reason: "another" }]) {
      kinds.push((await store.credits.grant({ ...withNewAudit(wish), ...other })).kind);
    }

    expect(kinds).toEqual(["id-taken", "id-taken", "id-taken"]);
    expect((await store.credits.balance(anna))?.available).toBe(70);
    expect((await store.credits.balance(bert))?.available).toBe(0);
    expect(await auditOf(store, anna)).toHaveLength(1);
  });

  test("one id sent for two customers at the same time is granted to one of them", async () => {
    const { store } = subject();
    const [anna, bert] = [await newCustomer(store, 0), await newCustomer(store, 0)];
    const wish = grantOf(anna);

    const outcomes = await Promise.all([
      store.credits.grant(wish),
      store.credits.grant({ ...withNewAudit(wish), userId: bert }),
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
    const wish = grantOf("usr_nobody");

    const error: unknown = await store.credits.grant(wish).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: "NOT_FOUND" });
    expect(await auditOf(store, "usr_nobody")).toEqual([]);
  });

  test("the audit is read newest first, page by page, each act once", async () => {
    const { store } = subject();
    const userId = await newCustomer(store, 0);
    for (let count = 0; count < 5; count += 1) await store.credits.grant(grantOf(userId));
    const whole = await store.audit.list({ limit: 100 });

    const ids: string[] = [];
    for (let page = await store.audit.list({ limit: 2 }); page.length > 0;) {
      ids.push(...page.map(({ id }) => id));
      const before = page.at(-1);
      page = before === undefined ? [] : await store.audit.list({ limit: 2, before });
    }

    expect(ids).toEqual(whole.map(({ id }) => id));
    const times = whole.map(({ createdAtMs }) => createdAtMs);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });
}

function grantOf(userId: string): GrantWrite & Required<Pick<GrantWrite, "audit">> {
  const id = freshId("trf");
  const detail = { transferId: id, amount: 70, reason: "开业 bonus" };
  const audit = { id: freshId("aud"), action: "credits.grant", subject: userId, detail };
  return { id, userId, amount: 70, reason: detail.reason, actor: "usr_admin", audit };
}

function withNewAudit(wish: ReturnType<typeof grantOf>): GrantWrite {
  return { ...wish, audit: { ...wish.audit, id: freshId("aud") } };
}

async function auditOf(store: Store, userId: string) {
  const entries = await store.audit.list({ limit: 100 });
  return entries.filter(({ subject }) => subject === userId);
}
