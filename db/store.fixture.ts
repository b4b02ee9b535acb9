import type { Store } from "../core/ports/store.ts";
import { system } from "../runtime/system.ts";
import { migrate } from "./migrations/migrate.ts";
import { openDatabase } from "./connection/open.ts";
import type { Db, OpenOptions } from "./connection/db.ts";
import { createStore } from "./store.ts";
import { verifyLedger } from "./ledger-audit/verify-ledger.ts";

/** What the Store's contract suite asks for, and the database below it. */
export type TestStore = {
  readonly db: Db;
  readonly store: Store;
  advance(ms: number): void;
  broken(): Promise<readonly string[]>;
  close(): Promise<void>;
};

/** On a busy machine a connection or a statement may take long, which is not what these tests are about. */
const PATIENT = { connectTimeoutMs: 60_000, queryTimeoutMs: 60_000 };

/** A migrated database with a clock that tests move. */
export async function openTestStore(
  url: string,
  options: Partial<OpenOptions> = {},
): Promise<TestStore> {
  let offsetMs = 0;
  const own = { ...system, ...PATIENT, clockOffsetMs: () => offsetMs };
  const db = await openDatabase(url, { ...own, ...options });
  await migrate(db.kysely);
  const store = createStore(db);
  return {
    db,
    store,
    advance: (ms) => {
      offsetMs += ms;
    },
    // Deadlines are moved over on purpose in these tests; the journeys check I7.
    broken: () => brokenInvariants(db),
    close: () => store.close(),
  };
}

export async function brokenInvariants(db: Db): Promise<string[]> {
  const results = await verifyLedger(db.kysely, 0);
  return results
    .filter(({ findings }) => findings.length > 0)
    .map(({ invariant, findings }) => `${invariant} ${JSON.stringify(findings)}`);
}
