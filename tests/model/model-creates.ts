import type { ModelStore, ModelTask } from "./model-store.ts";

export type ModelCreate = {
  readonly id: string;
  readonly userId: string;
  readonly n: number;
  readonly held: number;
  readonly lifeMs: number;
  readonly key: string | null;
  readonly bodyHash: string;
};
type Kept = { readonly bodyHash: string; readonly taskId: string };

/** How many tasks the model sends at most before they are taken. */
export const MODEL_WINDOW = 3;

/** The creates of the model: keys, balances and the window, decided one after another. */
export class ModelCreates {
  readonly #model: ModelStore;
  readonly #keys = new Map<string, Kept>();

  constructor(model: ModelStore) {
    this.#model = model;
  }

  kept(userId: string, key: string): Kept | null {
    return this.#keys.get(`${userId} ${key}`) ?? null;
  }

  /** What each create of a batch comes to. A key belongs to the first that brings it, unless that one is refused. */
  createTasks(creates: readonly ModelCreate[]): object[] {
    const firsts = new Map<string, Kept>();
    return creates.map((create) => {
      const name = create.key === null ? null : `${create.userId} ${create.key}`;
      const owner = name === null ? undefined : (this.#keys.get(name) ?? firsts.get(name));
      if (owner !== undefined && owner.bodyHash !== create.bodyHash) return { kind: "key-reused" };
      if (owner !== undefined && this.#model.tasks.has(owner.taskId))
        return { kind: "replayed", taskId: owner.taskId };
      const kept = { bodyHash: create.bodyHash, taskId: create.id };
      if (name !== null && owner === undefined) firsts.set(name, kept);
      const outcome = this.#createOne(create);
      if (name !== null && outcome.kind === "created") this.#keys.set(name, kept);
      return outcome;
    });
  }

  #createOne(create: ModelCreate) {
    const { id, userId, held } = create;
    const account = this.#model.account(userId);
    if (account.frozen) return { kind: "frozen" };
    if (account.available < held)
      return { kind: "insufficient", available: account.available, held: account.held };
    account.available -= held;
    account.held += held;
    const hasRoom = this.#model.sent().length < MODEL_WINDOW;
    const task = newTask(create, this.#model.nowMs);
    this.#model.tasks.set(id, task);
    if (hasRoom) this.#model.send(task);
    return { kind: "created", job: hasRoom ? { id: `${id}-1` } : null };
  }
}

function newTask({ id, userId, n, held, lifeMs }: ModelCreate, nowMs: number): ModelTask {
  return {
    id,
    userId,
    n,
    held,
    expiresMs: nowMs + lifeMs,
    status: "queued",
    fence: 0,
    version: 1,
    attempts: 0,
    crashes: 0,
    claimed: false,
    leaseUntilMs: 0,
    availableMs: nowMs,
    dispatch: "ready",
    dispatchNo: 0,
    sentMs: 0,
    settled: null,
    steps: new Map(),
    images: new Map(),
  };
}
