import { sql } from "kysely";
import type {
  LedgerAuditStore,
  LedgerAuditReport,
  LedgerAuditTurn,
  CheckResult,
} from "../../core/ports/ledger-audit-store.ts";
import { INDEXED_LEDGER, scopeOf, type AuditScope } from "./check-scope.ts";
import {
  endedSince,
  grantedSince,
  liveTasks,
  smallAccounts,
  type Moved,
  type AuditPosition,
} from "./recently-changed.ts";
import type { Db } from "../connection/db.ts";
import { transaction } from "../connection/transaction.ts";
import { LISTED_MAX, verifyLedger } from "./verify-ledger.ts";

/** Its number is when the next check is due, its text up to when ended tasks were looked at. */
const TURN = "books:turn";
const PART = 500;
/** Ended tasks beyond these are left to the next turn. */
const PARTS_MAX = 100;
/** Of one part and promise. A task has a handful of rows: no account of a part is left out. */
const PART_FINDINGS_MAX = 20 * PART;
const LASTS_MAX_MS = 10_000;
/** Ends that are not committed yet when a turn reads carry a time a little before it. */
const OVERLAP_MS = 60_000;

/** The check looks at `partSize` tasks at a time. */
export function createLedgerAuditStore(db: Db, partSize = PART): LedgerAuditStore {
  return {
    takeTurn: (everyMs) => takeTurn(db, everyMs),
    check: (turn) => checkLedger(db, turn, partSize),
  };
}

/** One conditional update decides who has the turn; a process that dies in it leaves the next turn to anybody. */
async function takeTurn(db: Db, everyMs: number): Promise<LedgerAuditTurn | null> {
  return transaction(db, async (tx) => {
    await tx
      .insertInto("settings")
      .orIgnore()
      .values({ name: TURN, textValue: null, numberValue: 0 })
      .execute();
    const { numAffectedRows } = await sql`
      update settings set numberValue = ${db.now} + ${everyMs}
      where name = ${TURN} and numberValue <= ${db.now}`.execute(tx);
    if (numAffectedRows !== 1n) return null;
    const { textValue, nowMs } = await tx
      .selectFrom("settings")
      .select(["textValue", db.now.as("nowMs")])
      .where("name", "=", TURN)
      .executeTakeFirstOrThrow();
    return { sinceMs: Number(textValue ?? 0), nowMs };
  });
}

async function checkLedger(
  db: Db,
  { sinceMs, nowMs }: LedgerAuditTurn,
  partSize: number,
): Promise<LedgerAuditReport> {
  const startedMs = db.clock.monotonicMs();
  const sum = new Sum(db, nowMs);
  await sum.check(INDEXED_LEDGER);
  await sum.addAccounts(await grantedSince(db, sinceMs));
  const live = await liveTasks(db);
  for (let at = 0; at < live.length; at += partSize)
    await sum.addTasks(live.slice(at, at + partSize));
  let position: AuditPosition = { finishedAt: sinceMs, id: "" };
  let untilMs = nowMs - OVERLAP_MS;
  for (let parts = 1; ; parts += 1) {
    const ended = await endedSince(db, position, partSize);
    await sum.addTasks(ended);
    const last = ended.at(-1);
    if (last === undefined || ended.length < partSize) break;
    position = last;
    if (parts < PARTS_MAX && db.clock.monotonicMs() - startedMs < LASTS_MAX_MS) continue;
    untilMs = Math.min(untilMs, last.finishedAt);
    break;
  }
  await noteProgress(db, Math.max(sinceMs, untilMs));
  return sum.result();
}

async function noteProgress(db: Db, untilMs: number): Promise<void> {
  await db.kysely
    .updateTable("settings")
    .set({ textValue: String(untilMs) })
    .where("name", "=", TURN)
    .execute();
}

/** The findings of many parts as those of one check; every account is added up once. */
class Sum {
  readonly #db: Db;
  readonly #nowMs: number;
  readonly #checks = new Map<string, CheckResult>();
  readonly #accounts = new Set<string>();
  #tasks = 0;
  #accountsLeft = 0;

  constructor(db: Db, nowMs: number) {
    this.#db = db;
    this.#nowMs = nowMs;
  }

  async addTasks(tasks: readonly Moved[]): Promise<void> {
    this.#tasks += tasks.length;
    const taskIds = tasks.map(({ id }) => id);
    const accountIds = await this.#newAccounts(tasks.map(({ userId }) => userId));
    if (tasks.length > 0) await this.check(scopeOf({ taskIds, accountIds }));
  }

  async addAccounts(accounts: readonly string[]): Promise<void> {
    const accountIds = await this.#newAccounts(accounts);
    if (accountIds.length > 0) await this.check(scopeOf({ taskIds: [], accountIds }));
  }

  async check(part: AuditScope): Promise<void> {
    const options = { part, findingsMax: PART_FINDINGS_MAX };
    for (const result of await verifyLedger(this.#db.kysely, this.#nowMs, options))
      this.#keep(result);
  }

  result(): LedgerAuditReport {
    return {
      checks: [...this.#checks.values()],
      tasks: this.#tasks,
      accounts: this.#accounts.size - this.#accountsLeft,
      accountsLeft: this.#accountsLeft,
    };
  }

  async #newAccounts(accounts: readonly string[]): Promise<string[]> {
    const fresh = [...new Set(accounts)].filter((id) => !this.#accounts.has(id));
    for (const id of fresh) this.#accounts.add(id);
    const small = await smallAccounts(this.#db, fresh);
    this.#accountsLeft += fresh.length - small.length;
    return small;
  }

  #keep({ findings, ...promise }: CheckResult): void {
    const kept = [...(this.#checks.get(promise.invariant)?.findings ?? [])];
    const known = new Set(kept.map(({ account }) => account));
    for (const finding of findings) {
      // Beyond what is shown, one an account: whose credits do not add up must not go on for being the 21st.
      if (kept.length >= LISTED_MAX && known.has(finding["account"])) continue;
      known.add(finding["account"]);
      kept.push(finding);
    }
    this.#checks.set(promise.invariant, { ...promise, findings: kept });
  }
}
