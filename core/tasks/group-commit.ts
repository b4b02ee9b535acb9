import { DrapeError } from "../model/errors.ts";
import type { Log } from "../ports/log.ts";
import type { CreateOutcome, NewTask, TaskStore, TaskTimes } from "../ports/task-store.ts";
import { STORE_LIMITS } from "../ports/store-types.ts";

type BatchStore = Pick<TaskStore, "create" | "find">;
type Waiting = {
  readonly create: NewTask;
  readonly resolve: (outcome: CreateOutcome) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Group commit: creates that arrive in one turn of the event loop share a transaction, at most 64. One batch is
 * under way at a time; what arrives meanwhile makes the next. When a batch fails, each of its creates is looked
 * up by its id (an error at commit leaves open whether it was committed) and tried alone.
 */
export function createBatcher(
  store: BatchStore,
  windowSize: number,
  log?: Pick<Log, "info" | "failure">,
): (create: NewTask) => Promise<CreateOutcome> {
  const waiting: Waiting[] = [];
  let busy = false;

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, STORE_LIMITS.createsPerBatchMax);
      await commit(batch);
    }
    busy = false;
  }

  async function commit(batch: readonly Waiting[]): Promise<void> {
    try {
      const outcomes = await store.create(
        batch.map(({ create }) => create),
        windowSize,
      );
      batch.forEach((one, index) => {
        const outcome = outcomes[index];
        if (outcome === undefined) one.reject(new Error("the store gave too few outcomes"));
        else one.resolve(outcome);
      });
    } catch (error) {
      log?.failure("create batch failed; one by one", error, { creates: batch.length });
      await commitOneByOne(batch);
    }
  }

  async function commitOneByOne(batch: readonly Waiting[]): Promise<void> {
    for (const [index, one] of batch.entries()) {
      const error = await commitAlone(one);
      if (!isAway(error)) continue;
      // The others would each wait as long for a database that does not answer.
      for (const { reject } of batch.slice(index + 1)) reject(error);
      return;
    }
  }

  /** Gives the error that it told its caller, if any. */
  async function commitAlone({ create, resolve, reject }: Waiting): Promise<unknown> {
    try {
      const committed = await store.find(create.task.id);
      log?.info(committed === null ? "create: it was not committed" : "create: it was committed", {
        task: create.task.id,
      });
      if (committed !== null) {
        resolve(createdAs(create, committed));
        return null;
      }
      resolve(await createAfterUnknownCommit(store, windowSize, create));
      return null;
    } catch (error) {
      reject(error);
      return error;
    }
  }

  return (create) =>
    new Promise((resolve, reject) => {
      waiting.push({ create, resolve, reject });
      if (busy) return;
      busy = true;
      setImmediate(() => void drain());
    });
}

function isAway(error: unknown): boolean {
  return error instanceof DrapeError && error.code === "UNAVAILABLE";
}

/** The first commit may still have been under way when it was looked for: what refuses us then is our own task. */
async function createAfterUnknownCommit(
  store: BatchStore,
  windowSize: number,
  create: NewTask,
): Promise<CreateOutcome> {
  try {
    const [outcome] = await store.create([create], windowSize);
    if (outcome === undefined) throw new Error("the store gave no outcome");
    const late = outcome.kind === "insufficient" ? await store.find(create.task.id) : null;
    return late === null ? outcome : createdAs(create, late);
  } catch (error) {
    const late = await store.find(create.task.id);
    if (late !== null) return createdAs(create, late);
    throw error;
  }
}

/** The outcome of a create whose commit was not heard of; the sweep finds its job. */
function createdAs({ answer }: NewTask, committed: TaskTimes): CreateOutcome {
  return { kind: "created", job: null, response: answer(committed) };
}
