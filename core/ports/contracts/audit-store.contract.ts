import { expect, test } from "bun:test";
import { freshId } from "../../model/ids.fixture.ts";
import type { GrantWrite } from "../credit-store.ts";
import { newCustomer, type StoreSubject } from "./store.fixture.ts";

/** The acts of administrators. */
export function auditStoreContract(subject: () => StoreSubject): void {
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
