import { expect } from "bun:test";
import * as fc from "fast-check";
import { freshId } from "../../core/model/ids.fixture.ts";
import { newTask, type NewGeneration } from "../../core/ports/contracts/store.fixture.ts";
import type { CreateOutcome } from "../../core/ports/task-store.ts";
import type { Job } from "../../core/ports/task-queue.ts";
import { clearAccount } from "../../db/credits/hold-accounts.ts";
import { commandOf, often, type Command } from "./commands.ts";
import { MODEL_WINDOW } from "./model-creates.ts";
import { STRANDED_MS, type ModelTask } from "./model-store.ts";
import { TICK_MS, type Run } from "./subject.ts";

const customer = fc.nat(2);
const request = fc.record({
  customer,
  n: fc.integer({ min: 1, max: 2 }),
  /** Few keys, so that they meet; with another n the body is another. */
  key: fc.option(fc.constantFrom("a", "b"), { freq: 2 }),
  hasWebhook: fc.boolean(),
  livesLong: fc.boolean(),
});
type CreateRequest = typeof request extends fc.Arbitrary<infer T> ? T : never;

/** Creates, grants, dispatch, sweeps, pauses and freezing: what nobody needs a lease for. */
export const queueCommands: readonly fc.Arbitrary<Command>[] = [
  ...often(
    4,
    commandOf(fc.array(request, { minLength: 1, maxLength: 3 }), { name: "create", act: create }),
  ),
  commandOf(fc.record({ customer, amount: fc.integer({ min: 1, max: 40 }) }), {
    name: "grant",
    async act({ store, model, customers }, { customer: at, amount }) {
      const userId = customers[at] ?? "";
      const id = freshId("trf");
      model.account(userId).available += amount;
      await store.credits.grant({ id, userId, amount, reason: "test", actor: "system" });
    },
  }),
  commandOf(fc.constant(null), { name: "dispatch", act: dispatch }),
  commandOf(fc.constant(null), { name: "sweep", act: sweep }),
  commandOf(fc.boolean(), {
    name: "pauseOrResume",
    async act({ store, model }, pause) {
      model.paused = pause && !model.paused;
      await store.settings.put("pause:queue", model.paused ? "test" : null);
    },
  }),
  commandOf(customer, {
    name: "freezeOrClear",
    async act({ db, store, model, customers }, at) {
      const userId = customers[at] ?? "";
      const account = model.account(userId);
      const done = account.frozen
        ? (await clearAccount(db, userId, "operator")).kind
        : await store.credits.holdAccounts([{ account: userId, reason: "test" }]);
      expect(done).toEqual(account.frozen ? "cleared" : [userId]);
      account.frozen = !account.frozen;
    },
  }),
  // A moment, longer than a lease, longer than a short life.
  commandOf(fc.constantFrom(2, 12, 40), {
    name: "wait",
    act: async (run, ticks) => run.wait(ticks),
  }),
];

async function create(
  { store, creates, customers }: Run,
  requests: readonly CreateRequest[],
): Promise<void> {
  const all = requests.map((one) => createOf(customers[one.customer] ?? "", one));
  const expected = creates.createTasks(
    all.map(({ task, idempotency }) => ({
      id: task.id,
      userId: task.userId,
      n: task.input.options.n,
      held: task.heldCredits,
      lifeMs: task.lifeMs,
      key: idempotency?.key ?? null,
      bodyHash: idempotency?.bodyHash ?? "",
    })),
  );
  const outcomes = await store.tasks.create(all, MODEL_WINDOW);
  expect(outcomes.map(seenOutcome)).toEqual(expected);
  for (const { task, idempotency } of all) {
    if (idempotency === null) continue;
    const kept = creates.kept(task.userId, idempotency.key);
    const replay = await store.tasks.findReplay(task.userId, idempotency.route, idempotency.key);
    const seen = replay === null ? null : { bodyHash: replay.bodyHash, taskId: replay.taskId };
    expect(seen).toEqual(kept);
  }
}

function createOf(userId: string, { n, key, hasWebhook, livesLong }: CreateRequest): NewGeneration {
  const { task, ...rest } = newTask({
    userId,
    held: 2 + 10 * n,
    lifeMs: (livesLong ? 5_000.5 : 30.5) * TICK_MS,
    bodyHash: `n=${n}`,
    ...(key === null ? {} : { key }),
    ...(hasWebhook ? { webhookUrl: "https://example.com/hook" } : {}),
  });
  const input = { ...task.input, options: { ...task.input.options, n } };
  return { ...rest, task: { ...task, input } };
}

function seenOutcome(outcome: CreateOutcome): object {
  if (outcome.kind === "replayed") return { kind: outcome.kind, taskId: outcome.taskId };
  if (outcome.kind !== "created") return outcome;
  return { kind: "created", job: outcome.job === null ? null : { id: outcome.job.id } };
}

async function dispatch({ store, model }: Run): Promise<void> {
  const ready = model.ready();
  const room = model.paused ? 0 : Math.max(0, MODEL_WINDOW - model.sent().length);
  const jobs = await store.queue.dispatch(MODEL_WINDOW);
  // Which of the ready ones go first is a matter of fairness, tested elsewhere.
  expect(jobs).toHaveLength(Math.min(room, ready.length));
  const taken = ready.filter(({ id }) => jobs.some(({ taskId }) => taskId === id));
  for (const task of taken) model.send(task);
  expect(namesOf(jobs)).toEqual(namesOfTasks(taken));
}

async function sweep({ store, model }: Run): Promise<void> {
  const { nowMs } = model;
  const live = model.list().filter(({ status }) => status === "queued" || status === "running");
  const waitedLong = ({ sentMs }: ModelTask) => sentMs < nowMs - STRANDED_MS;
  const expired = live.filter(({ expiresMs }) => expiresMs <= nowMs);
  const stranded = model.sent().filter(waitedLong);
  const abandoned = live.filter(
    (task) => task.status === "running" && task.leaseUntilMs < nowMs && waitedLong(task),
  );
  const found = await store.queue.sweep(200);
  const names = namesOfTasks(stranded);
  for (const task of abandoned)
    Object.assign(task, { dispatchNo: task.dispatchNo + 1, sentMs: nowMs });
  expect(found.expired.toSorted()).toEqual(expired.map(({ id }) => id).toSorted());
  expect(namesOf(found.stranded)).toEqual(names);
  expect(namesOf(found.abandoned)).toEqual(namesOfTasks(abandoned));
  for (const { id: taskId } of expired) {
    const end = { taskId, fence: null, ending: "expired" } as const;
    const settled = await store.tasks.settle({ ...end, error: null, actor: "system" });
    expect(settled).toEqual(model.settle(end) as typeof settled);
  }
}

/** Task and dispatch number; a task that has risen in the window has a word behind them. */
function namesOf(jobs: readonly Job[]): string[] {
  return jobs.map(({ id }) => id.replace(/(-\d+)-\w+$/, "$1")).toSorted();
}

function namesOfTasks(tasks: readonly ModelTask[]): string[] {
  return tasks.map(({ id, dispatchNo }) => `${id}-${dispatchNo}`).toSorted();
}
