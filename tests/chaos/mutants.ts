import { ASSERTION, type Mutant } from "./mutant.ts";
import { FUNCTION_MUTANTS } from "./function-mutants.ts";
import { PROMISE_MUTANTS } from "./promise-mutants.ts";

const STORE = "db/store.test.ts";

/** Each is a bug of a kind that has cost somebody's customers money. None of them is a switch in the product. */
const SAFETY_MUTANTS: readonly Mutant[] = [
  {
    name: "no fence",
    edits: [
      {
        file: "db/tasks/checkpoint-steps.ts",
        find: "update ${tasksById(db)} set version = version + ${growth}\n      where id = ${taskId} and fence = ${fence} and status = 'running'`",
        replace:
          "update ${tasksById(db)} set version = version + ${growth}\n      where id = ${taskId} and ${fence} > 0 and status = 'running'`",
      },
    ],
    file: STORE,
    test: "an expired lease is taken over, counted as a crash, and the old holder writes nothing",
    sign: ASSERTION,
  },
  {
    name: "resolution key dropped",
    edits: [
      {
        file: "db/migrations/0001-init.ts",
        find: '.addColumn("taskId", id, (c) => c.primaryKey())\n        .addColumn("fence", "bigint", (c) => c.notNull())\n        .addColumn("amount"',
        replace:
          '.addColumn("taskId", id, (c) => c.notNull())\n        .addColumn("fence", "bigint", (c) => c.notNull())\n        .addColumn("amount"',
      },
      {
        file: "db/tasks/settle-tasks.ts",
        find: "sql`status in ('queued', 'running')`",
        replace: "sql`status is not null`",
      },
      {
        file: "db/tasks/settle-tasks.ts",
        find: "sql`fence = ${request.fence} and status = 'running'`",
        replace: "sql`fence <= ${request.fence} + 1`",
      },
      {
        file: "db/tasks/settle-tasks.ts",
        find: "uniqueKey: `${task.id}:${move.kind}`",
        replace: "uniqueKey: `${task.id}:${move.kind}:${Math.random()}`",
      },
      {
        file: "db/tasks/settle-tasks.ts",
        find: 'held: eb("held", "-", task.heldCredits)',
        replace: "held: eb.val(0)",
      },
    ],
    file: STORE,
    test: "whoever comes second to the terminal transition finds it done",
    sign: ASSERTION,
  },
  {
    name: "read-then-write balance",
    edits: [
      {
        file: "db/tasks/create-tasks.ts",
        find: "await db.dialect.forUpdate(query).execute()",
        replace: "await query.execute()",
      },
    ],
    file: "db/mysql.test.ts",
    test: "200 creates at once from ten processes, credits for 50: exactly 50",
    sign: ASSERTION,
  },
  {
    name: "no sweep",
    edits: [
      {
        file: "worker/worker.ts",
        find: 'every(deps.settings.schedules.sweepMs, "sweep", () => sweep(deps)),',
        replace: 'every(deps.settings.schedules.sweepMs, "sweep", async () => void sweep),',
      },
    ],
    file: "tests/journeys/redis-lost.test.ts",
    test: "FLUSHALL in the middle of 50 tasks: all end, each charged once",
    sign: /did not come true in time/,
  },
  {
    name: "commit error taken for a failure",
    edits: [
      {
        file: "core/tasks/group-commit.ts",
        find: "const committed = await store.find(create.task.id);",
        replace: "const committed = await Promise.resolve<null | { id: string }>(null);",
      },
    ],
    file: "core/tasks/group-commit.test.ts",
    test: "an error at commit is no answer: the task is looked up before it is tried again",
    sign: ASSERTION,
  },
  {
    name: "fresh job id per sweep",
    edits: [
      {
        file: "db/tasks/dispatch-tasks.ts",
        find: "id: `${task.id}-${dispatchNo}`",
        replace: "id: `${task.id}-${dispatchNo}${Math.floor(Math.random() * 1e6)}`",
      },
    ],
    file: STORE,
    test: "the sweep sends again what was sent and not taken, under the same id",
    sign: ASSERTION,
  },
  {
    name: "breaker-open counted as an attempt",
    edits: [
      {
        file: "core/model/errors.ts",
        find: 'CIRCUIT_OPEN: facts(503, "The function is resting after failures", "delay", busy)',
        replace:
          'CIRCUIT_OPEN: facts(503, "The function is resting after failures", "retry", busy)',
      },
    ],
    file: "core/pipeline/pipeline.test.ts",
    test: "an open circuit makes a task wait: no attempt is spent, and it ends when the circuit closes",
    sign: ASSERTION,
  },
  {
    name: "settle without its transaction",
    edits: [
      {
        file: "db/tasks/settle-tasks.ts",
        find: "return transaction(db, (tx) => settle(db, tx, request));",
        replace: "return (void transaction, settle(db, db.kysely as never, request));",
      },
    ],
    file: "db/tasks/settle-whole.test.ts",
    test: "what cannot be written whole is not written at all: state, balance and resolution stay",
    sign: ASSERTION,
  },
  {
    name: "step insert without its guard",
    edits: [
      {
        file: "db/tasks/checkpoint-steps.ts",
        find: '.where("state", "=", "asked")\n      .executeTakeFirst();\n    if (numUpdatedRows === 1n && write.image',
        replace: ".executeTakeFirst();\n    if (numUpdatedRows === 1n && write.image",
      },
    ],
    file: STORE,
    test: "a checkpoint stands once: a second write of the same step changes nothing",
    sign: ASSERTION,
  },
  {
    name: "cancel answered before the commit",
    edits: [
      {
        file: "core/tasks/cancel-task.ts",
        find: "await settleTask(deps, {",
        replace: "void settleTask(deps, {",
      },
      {
        file: "core/tasks/cancel-task.ts",
        find: 'return { canceled: task.status === "canceled", task };',
        replace: "return { canceled: true, task };",
      },
    ],
    file: "core/tasks/cancel-task.test.ts",
    test: "a cancel that came second says what came first",
    sign: ASSERTION,
  },
  {
    name: "limiter inside the breaker",
    edits: [
      {
        file: "core/invocation/function-client.ts",
        find: "const breaker = openBreaker(name, deps, deaths);",
        replace: "const breaker = openBreaker(name, deps, deaths, limit);",
      },
      {
        file: "core/invocation/function-client.ts",
        find: "  deaths: PictureDeaths,\n): CircuitBreaker<Call, unknown> {",
        replace:
          "  deaths: PictureDeaths,\n  limit: ReturnType<typeof pLimit>,\n): CircuitBreaker<Call, unknown> {",
      },
      {
        file: "core/invocation/function-client.ts",
        find: '    try {\n      await hooks.beforeCall();\n      if (signal.aborted) throw new NeverSent();\n    } catch (cause) {\n      throw new InconclusiveResult("the call did not go out", { cause });\n    }\n',
        replace: "    return limit(async () => {\n      await hooks.beforeCall();\n",
      },
      {
        file: "core/invocation/function-client.ts",
        find: "      breaker.open();\n      throw thrown;\n    }\n",
        replace: "      breaker.open();\n      throw thrown;\n    }\n    });\n",
      },
      {
        file: "core/invocation/function-client.ts",
        find: "    run: (...call) =>\n      limit(async () => {",
        replace: "    run: async (...call) =>\n      (async () => {",
      },
      {
        file: "core/invocation/function-client.ts",
        find: "          await permit.release();\n        }\n      }),",
        replace: "          await permit.release();\n        }\n      })(),",
      },
      {
        file: "core/invocation/function-client.ts",
        find: "const permit = await semaphore.take(name, permitsMax, PERMIT_LEASE_MS, signal);",
        replace:
          "const permit = { release: async () => void [semaphore, permitsMax, PERMIT_LEASE_MS] };",
      },
    ],
    file: "core/invocation/resilient-invoker.test.ts",
    test: "a backlog does not rush past a circuit that opened meanwhile",
    sign: ASSERTION,
  },
  {
    name: "ask again without waiting",
    edits: [
      {
        file: "core/pipeline/paid-call.ts",
        find: "!found.includes(call) && callEndsMs(run, call) > nowMs",
        replace: "!found.includes(call) && callEndsMs(run, call) < nowMs - 1e12",
      },
    ],
    file: "core/tasks/run-task.test.ts",
    test: "a call that vanished is made again only after its time is over",
    sign: ASSERTION,
  },
  {
    name: "crash not counted",
    edits: [
      {
        file: "db/tasks/claim-tasks.ts",
        find: "crashes = crashes + (case when status = 'running' then 1 else 0 end),",
        replace: "crashes = crashes,",
      },
    ],
    file: STORE,
    test: "an expired lease is taken over, counted as a crash, and the old holder writes nothing",
    sign: ASSERTION,
  },
  {
    name: "another body taken for the same",
    edits: [
      {
        file: "db/tasks/create-tasks.ts",
        find: "if (owner.bodyHash !== idempotency.bodyHash)",
        replace: "if (owner.bodyHash === null)",
      },
    ],
    file: STORE,
    test: "a key used with another body is refused, and another customer's key is their own",
    sign: ASSERTION,
  },
  {
    name: "asked only after the answer",
    edits: [
      {
        file: "core/pipeline/generate-images.ts",
        find: "await callFor(run, call, (failed) => commitPaidCalls(run, [image], failed));",
        replace: "await (void commitPaidCalls, callFor(run, call));",
      },
    ],
    file: "core/tasks/run-task.test.ts",
    test: "an in-doubt call is waited for and its pictures are taken: nothing is paid twice",
    sign: ASSERTION,
  },
  {
    name: "delivered before it is checked",
    edits: [
      {
        file: "core/pipeline/generate-images.ts",
        find: "checked.images.flatMap((one) =>",
        replace: "(void checked, answered).flatMap((one) =>",
      },
    ],
    file: "core/pipeline/checked-content.test.ts",
    test: "that is rejected is not shown, not delivered and not charged",
    sign: ASSERTION,
  },
  {
    name: "everything held is charged",
    edits: [
      {
        file: "core/model/settlement.ts",
        find: "releasedCredits: task.heldCredits - posted,",
        replace: "releasedCredits: 0,",
      },
    ],
    file: STORE,
    test: "some images: partial, the rest released; none: failed, all released",
    sign: /expect\(received\)|CHECK|CONSTRAINT/i,
  },
];

export const MUTANTS: readonly Mutant[] = [
  ...SAFETY_MUTANTS,
  ...PROMISE_MUTANTS,
  ...FUNCTION_MUTANTS,
];
