import { afterAll, beforeAll, describe, expect } from "bun:test";
import type { StoreSubject } from "./store.fixture.ts";
import { auditStoreContract } from "./audit-store.contract.ts";
import { creditStoreContract } from "./credit-store.contract.ts";
import { ledgerAuditStoreContract } from "./ledger-audit-store.contract.ts";
import { presetStoreContract } from "./preset-store.contract.ts";
import { queueStoreContract } from "./queue-store.contract.ts";
import { queueStoreOrderContract } from "./queue-store-order.contract.ts";
import { settingStoreContract } from "./setting-store.contract.ts";
import { statsStoreContract } from "./stats-store.contract.ts";
import { taskStoreCreateContract } from "./task-store-create.contract.ts";
import { taskStoreListContract } from "./task-store-list.contract.ts";
import { taskStoreRunContract } from "./task-store-run.contract.ts";
import { usageStoreContract } from "./usage-store.contract.ts";
import { userStoreContract } from "./user-store.contract.ts";

/** What every Store promises. Each adapter runs it on a database of its own, and the ledger must be right after it. */
export function storeContract(name: string, open: () => Promise<StoreSubject>): void {
  describe(`Store on ${name}`, () => {
    let opened: StoreSubject | undefined;
    const subject = (): StoreSubject => {
      if (opened === undefined) throw new Error("the subject is not open yet");
      return opened;
    };
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => {
      expect(await subject().broken()).toEqual([]);
      await subject().close();
    });
    userStoreContract(subject);
    creditStoreContract(subject);
    auditStoreContract(subject);
    taskStoreCreateContract(subject);
    taskStoreRunContract(subject);
    taskStoreListContract(subject);
    queueStoreContract(subject);
    queueStoreOrderContract(subject);
    statsStoreContract(subject);
    usageStoreContract(subject);
    presetStoreContract(subject);
    settingStoreContract(subject);
    ledgerAuditStoreContract(subject);
  });
}
