import type { NewTask, TaskTimes } from "../../core/ports/task-store.ts";

/** A new task with the times that its row gets, and the answer that is made of them. */
export type DatedTask = NewTask & { readonly times: TaskTimes; readonly response: string };

export function dateTask(create: NewTask, nowMs: number): DatedTask {
  const times = { createdAtMs: nowMs, expiresAtMs: nowMs + create.task.lifeMs };
  return { ...create, times, response: create.answer(times) };
}
