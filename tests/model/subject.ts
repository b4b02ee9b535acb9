import { expect } from "bun:test";
import { newCustomer } from "../../core/ports/contracts/store.fixture.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Task } from "../../core/model/task.ts";
import type { Db } from "../../db/connection/db.ts";
import { openTestStore } from "../../db/store.fixture.ts";
import { verifyLedger } from "../../db/ledger-audit/verify-ledger.ts";
import { ModelCreates } from "./model-creates.ts";
import { ModelStore, type ModelTask } from "./model-store.ts";

/** Each command begins this much later; all other times keep half of it away from every multiple. */
export const TICK_MS = 1_400;
/** A rich customer, one who can pay for a few tasks, and one who can pay for one. */
const CREDITS = [1_000, 60, 14];

/** A real Store and the model beside it, under one clock. */
export type Subject = {
  readonly db: Db;
  readonly store: Store;
  /** Empties the database and begins a run of commands. */
  begin(): Promise<Run>;
  close(): Promise<void>;
};

export type Run = {
  readonly db: Db;
  readonly store: Store;
  readonly model: ModelStore;
  readonly creates: ModelCreates;
  readonly customers: readonly string[];
  wait(ticks: number): void;
  /** Fails when the store shows anything else than the model. */
  agree(): Promise<void>;
  /** Sweeps once more and runs the checks of the ledger. */
  end(): Promise<void>;
};

const TABLES = [
  "tasks",
  "steps",
  "images",
  "transfers",
  "resolutions",
  "deliveries",
  "idempotency",
  "audit",
  "accounts",
  "users",
] as const;

/** `change` puts something in the Store's place, to see whether the model notices. */
export async function openSubject(
  url: string,
  change: (store: Store, db: Db) => Store = (store) => store,
): Promise<Subject> {
  let nowMs = Date.now();
  // The database's clock stands still between two ticks, but for the few ms that a statement is under way.
  const opened = await openTestStore(url, { clockOffsetMs: () => nowMs - Date.now() });
  const { db } = opened;
  const store = change(opened.store, db);
  return {
    db,
    store,
    close: () => opened.close(),
    async begin() {
      for (const table of TABLES) await db.kysely.deleteFrom(table).execute();
      await store.settings.put("pause:queue", null);
      const model = new ModelStore(nowMs);
      const customers: string[] = [];
      for (const credits of CREDITS) {
        const userId = await newCustomer(opened.store, credits);
        model.accounts.set(userId, { available: credits, held: 0, frozen: false });
        customers.push(userId);
      }
      return {
        db,
        store,
        model,
        customers,
        creates: new ModelCreates(model),
        wait(ticks) {
          nowMs += ticks * TICK_MS;
          model.nowMs = nowMs;
        },
        agree: () => agree(opened.store, model),
        end: () => end(db, store, nowMs),
      };
    },
  };
}

async function agree(store: Store, model: ModelStore): Promise<void> {
  for (const [userId, { available, held }] of model.accounts) {
    const tasks = await store.tasks.list({ userId, limit: 101 });
    const own = model.list().filter((task) => task.userId === userId);
    const seen = {
      balance: await store.credits.balance(userId),
      tasks: sorted(tasks.map(seenTask)),
    };
    expect(seen).toEqual({ balance: { available, held }, tasks: sorted(own.map(modelledTask)) });
  }
}

function sorted<T extends { readonly id: string }>(tasks: readonly T[]): T[] {
  return tasks.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function seenTask(task: Task) {
  const { id, status, fence, version, attempts, crashes, heldCredits, settled } = task;
  const steps = task.steps.map((record) => [
    `${record.step}/${record.index}`,
    record.state,
    record.asks,
    record.askLimitMs > 0,
    record.priceCredits,
  ]);
  return {
    id,
    status,
    fence,
    version,
    attempts,
    crashes,
    settled,
    held: heldCredits,
    started: task.startedAtMs !== null,
    ended: task.finishedAtMs !== null,
    steps: steps.map(String).sort(),
    images: task.images.map(({ index, key }) => `${index} ${key}`).sort(),
  };
}

function modelledTask(task: ModelTask): ReturnType<typeof seenTask> {
  const { id, status, fence, version, attempts, crashes, held, settled, claimed } = task;
  const steps = [...task.steps].map(([name, { state, asks, inFlight, price }]) =>
    String([name, state, asks, inFlight, price]),
  );
  return {
    id,
    status,
    fence,
    version,
    attempts,
    crashes,
    settled,
    held,
    started: claimed,
    ended: settled !== null,
    steps: steps.sort(),
    images: [...task.images].map(([index, key]) => `${index} ${key}`).sort(),
  };
}

async function end(db: Db, store: Store, nowMs: number): Promise<void> {
  const { expired } = await store.queue.sweep(200);
  for (const taskId of expired) {
    await store.tasks.settle({
      taskId,
      fence: null,
      ending: "expired",
      error: null,
      actor: "system",
    });
  }
  const results = await verifyLedger(db.kysely, nowMs);
  expect(results.filter(({ findings }) => findings.length > 0)).toEqual([]);
}
