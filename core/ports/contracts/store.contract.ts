import { afterAll, beforeAll, describe, expect } from "bun:test";
import type { StoreSubject } from "./store.fixture.ts";
import { storeBooksContract } from "./store-books.contract.ts";
import { storeCreateContract } from "./store-create.contract.ts";
import { storeGrantsContract } from "./store-grants.contract.ts";
import { storeIdentitiesContract } from "./store-identities.contract.ts";
import { storeListsContract } from "./store-lists.contract.ts";
import { storePresetsContract } from "./store-presets.contract.ts";
import { storeQueueContract } from "./store-queue.contract.ts";
import { storeRunContract } from "./store-run.contract.ts";
import { storeScheduleContract } from "./store-schedule.contract.ts";
import { storeStatsContract } from "./store-stats.contract.ts";
import { storeUsageContract } from "./store-usage.contract.ts";

/** What every Store promises. Each adapter runs it on a database of its own, and the books must be right after it. */
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
    storeCreateContract(subject);
    storeIdentitiesContract(subject);
    storeGrantsContract(subject);
    storeRunContract(subject);
    storeScheduleContract(subject);
    storeQueueContract(subject);
    storeListsContract(subject);
    storeStatsContract(subject);
    storeUsageContract(subject);
    storePresetsContract(subject);
    storeBooksContract(subject);
  });
}
