import { freshId } from "../../model/ids.fixture.ts";
import type { ImageRecord } from "../../model/step-results.ts";
import type { TaskRequest } from "../../model/task.ts";
import type { Store } from "../store.ts";
import type { CreateOutcome, StepWrite, NewTask } from "../task-store.ts";

export type StoreSubject = {
  readonly store: Store;
  /** Moves the database's clock. */
  advance(ms: number): void;
  /** Invariants that are broken, by name. */
  broken(): Promise<readonly string[]>;
  close(): Promise<void>;
};

export const WINDOW = 1_000;
export const LEASE_MS = 15_000;
export const HOUR_MS = 3_600_000;

/** A customer with a task that worker `wkr_a` has claimed. */
export async function claimedTask(store: Store, credits = 100) {
  const userId = await newCustomer(store, credits);
  const taskId = await createOne(store, { userId, held: 24 });
  const task = await store.tasks.claim(taskId, "wkr_a", LEASE_MS);
  if (task === null) throw new Error("the task was not claimed");
  return { userId, taskId, task, claim: { taskId, fence: task.fence } };
}

export type NewTaskFacts = {
  userId: string;
  held: number;
  key: string;
  bodyHash: string;
  lifeMs: number;
  priority: "high" | "normal" | "low";
  webhookUrl: string;
};

export type NewGeneration = NewTask & {
  readonly task: Extract<TaskRequest, { type: "FULL_GENERATION" }>;
};

export function newTask(
  facts: Partial<NewTaskFacts> & Pick<NewTaskFacts, "userId" | "held">,
): NewGeneration {
  const id = freshId("task");
  const input = {
    clothingImages: ["https://example.com/a.jpg"],
    sceneType: "街头 studio",
    stylePreference: "elegant",
    options: { size: "1024x1024", quality: "standard", n: 2 },
  } as const;
  const { key, bodyHash = "hash", lifeMs = HOUR_MS * 100, priority = "normal" } = facts;
  const webhookUrl = facts.webhookUrl ?? null;
  return {
    task: {
      id,
      userId: facts.userId,
      type: "FULL_GENERATION",
      priority,
      input,
      sources: [{ url: "https://example.com/a.jpg" }],
      prices: { preprocess: 1, prompt: 1, image: 10 },
      heldCredits: facts.held,
      metadata: {},
      lifeMs,
      webhookUrl,
    },
    idempotency: key === undefined ? null : { route: "/create", key, bodyHash },
    answer: (times) => JSON.stringify({ id, ...times }),
  };
}

export async function createOne(
  store: Store,
  facts: Partial<NewTaskFacts> & Pick<NewTaskFacts, "userId" | "held">,
) {
  const create = newTask(facts);
  const [outcome] = await store.tasks.create([create], WINDOW);
  if (outcome?.kind !== "created") throw new Error(`not created: ${outcome?.kind}`);
  return create.task.id;
}

const PROMPT: TaskRequest = {
  type: "PROMPT_ONLY",
  input: {
    imageUrl: "https://example.com/a.jpg",
    sceneType: "studio",
    stylePreference: "elegant",
  },
};

export async function createPrompt(store: Store, userId: string): Promise<string> {
  const { task, ...create } = newTask({ userId, held: 1 });
  await store.tasks.create([{ ...create, task: { ...task, ...PROMPT } }], WINDOW);
  return task.id;
}

export function newUser() {
  const id = freshId("usr");
  const role = "customer" as const;
  return { id, email: `${id}@example.com`, passwordHash: "scrypt$", role, createdAtMs: Date.now() };
}

export async function newCustomer(store: Store, credits: number): Promise<string> {
  const user = newUser();
  await store.users.create(user);
  const id = freshId("trf");
  if (credits > 0)
    await store.credits.grant({
      id,
      userId: user.id,
      amount: credits,
      reason: "test",
      actor: "system",
    });
  return user.id;
}

const done = { state: "done", durationMs: 5 } as const;
export const pictureFacts = { width: 64, height: 64, bytes: 900, format: "jpeg" } as const;

export const importDone = {
  ...done,
  step: "import",
  index: 0,
  priceCredits: 0,
  result: { key: "first", ...pictureFacts, sourceBytes: 1_200 },
} as const satisfies StepWrite;

export const preprocessDone = {
  ...done,
  step: "preprocess",
  index: 0,
  priceCredits: 1,
  result: { key: "prepared", ...pictureFacts, sourceBytes: 1_200 },
} as const satisfies StepWrite;

export const promptDone = {
  ...done,
  step: "prompt",
  index: 0,
  priceCredits: 1,
  result: { promptZh: "一件红色衬衫", promptEn: "a red shirt", avoid: [] },
} as const satisfies StepWrite;

export function imageDone(index: number, taskId: string): StepWrite {
  const id = freshId("img");
  const key = `t/${taskId}/image-${index}.jpg`;
  const image: ImageRecord = { id, index, key, ...pictureFacts, provider: "preview" };
  return { ...done, step: "generate", index, priceCredits: 10, result: image, image };
}

export function finish(taskId: string) {
  return { taskId, fence: null, ending: "finished", error: null, actor: "system" } as const;
}

export function jobIdOf(outcome: CreateOutcome | undefined): string {
  return outcome?.kind === "created" ? (outcome.job?.id ?? "none") : "none";
}

export async function endAll(store: Store, taskIds: readonly string[]): Promise<void> {
  for (const taskId of taskIds) await store.tasks.settle({ ...finish(taskId), ending: "canceled" });
}

/** Ends everything that waits, so that a test of the order starts from an empty queue. */
export async function drain(store: Store): Promise<void> {
  for (
    let jobs = await store.queue.dispatch(500);
    jobs.length > 0;
    jobs = await store.queue.dispatch(500)
  ) {
    await endAll(
      store,
      jobs.map(({ taskId }) => taskId),
    );
  }
  const { stranded } = await store.queue.sweep(1_000);
  await endAll(
    store,
    stranded.map(({ taskId }) => taskId),
  );
}
