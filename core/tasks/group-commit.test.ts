import { describe, expect, test } from "bun:test";
import { createBatcher } from "./group-commit.ts";
import { DrapeError } from "../model/errors.ts";
import type { CreateOutcome, NewTask } from "../ports/task-store.ts";
import type { Task } from "../model/task.ts";

const created: CreateOutcome = { kind: "created", job: null, response: "its answer" };
// The batcher reads the id alone, and the times of a task that it looked up.
const newTask = (id: string) =>
  ({ task: { id }, idempotency: null, answer: () => "its answer" }) as unknown as NewTask;

describe("group commit", () => {
  test("creates of one turn share a transaction, at most 64, each with its own outcome", async () => {
    const sizes: number[] = [];
    const create = createBatcher(
      {
        create: async (creates) => {
          sizes.push(creates.length);
          return creates.map(({ task }) => ({
            kind: "replayed",
            response: task.id,
            taskId: task.id,
          }));
        },
        find: async () => null,
      },
      32,
    );

    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, index) => create(newTask(`task_${index}`))),
    );

    expect(sizes).toEqual([64, 36]);
    expect(outcomes.map((outcome) => (outcome.kind === "replayed" ? outcome.taskId : ""))).toEqual(
      Array.from({ length: 100 }, (_, index) => `task_${index}`),
    );
  });

  test("what one bad create spoils is decided one by one", async () => {
    const create = createBatcher(
      {
        create: async (creates) => {
          if (creates.some(({ task }) => task.id === "bad")) throw new Error("broken row");
          return creates.map(() => created);
        },
        find: async () => null,
      },
      32,
    );

    const outcomes = await Promise.allSettled(
      ["good", "bad", "fine"].map((id) => create(newTask(id))),
    );

    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  test("why a batch failed is told to the log, also when each of its creates succeeds alone", async () => {
    const lines: string[] = [];
    const broken = new Error("connection lost at commit");
    const create = createBatcher(
      {
        create: async (creates) => {
          if (creates.length > 1) throw broken;
          return [created];
        },
        find: async () => null,
      },
      32,
      {
        info: () => undefined,
        failure: (message, error, fields) =>
          void lines.push(`${message}: ${String(error)} ${JSON.stringify(fields)}`),
      },
    );

    const outcomes = await Promise.all(["a", "b"].map((id) => create(newTask(id))));

    expect(outcomes).toEqual([created, created]);
    expect(lines).toEqual([
      'create batch failed; one by one: Error: connection lost at commit {"creates":2}',
    ]);
  });

  test("an error at commit is no answer: the task is looked up before it is tried again", async () => {
    let tries = 0;
    const create = createBatcher(
      {
        create: async () => {
          tries += 1;
          throw new Error("connection lost at commit");
        },
        find: async (id) => (id === "committed" ? ({ id } as Task) : null),
      },
      32,
    );

    const outcomes = await Promise.allSettled(
      ["committed", "lost"].map((id) => create(newTask(id))),
    );

    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(tries).toBe(2);
  });

  test("while the database is away one create waits for it, not each in its turn", async () => {
    const away = new DrapeError("UNAVAILABLE", "the database is away");
    let lookups = 0;
    const create = createBatcher(
      {
        create: () => Promise.reject(away),
        async find() {
          lookups += 1;
          throw away;
        },
      },
      32,
    );

    const outcomes = await Promise.allSettled(["a", "b", "c"].map((id) => create(newTask(id))));

    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(lookups).toBe(1);
  });

  test("a commit that was still under way when it was looked for is found when it refuses the second try", async () => {
    for (const refusal of ["duplicate", "insufficient"] as const) {
      let tries = 0;
      const create = createBatcher(
        {
          create: async () => {
            tries += 1;
            if (tries === 1) throw new Error("connection lost at commit");
            if (refusal === "duplicate") throw new Error("duplicate entry");
            return [{ kind: "insufficient", available: 0, held: 24 }];
          },
          find: async (id) => (tries > 1 ? ({ id } as Task) : null),
        },
        32,
      );

      expect(await create(newTask("late"))).toEqual(created);
    }
  });
});
