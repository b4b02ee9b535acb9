import type { Kysely } from "kysely";
import { progressOf } from "../rows.ts";
import type { Database, StepRow } from "../schema.ts";

/** An object that a task delivered, as long as its row says. */
export type DeliveredObject = {
  readonly userId: string;
  readonly taskId: string;
  readonly objectKey: string;
  readonly bytes: number;
};

const PAGE = 500;
const DELIVERED = ["succeeded", "partial"];

/** Every object of every task that delivered something, page by page: images, then processed photos and their copies. */
export async function* deliveredObjects(
  db: Kysely<Database>,
  pageSize = PAGE,
): AsyncGenerator<readonly DeliveredObject[]> {
  for (let after = ""; ;) {
    const images = await imagesAfter(db, after, pageSize);
    yield images;
    const last = images.at(-1);
    if (last === undefined) break;
    after = last.id;
  }
  for (let after = ""; ;) {
    const taskIds = await tasksAfter(db, after, pageSize);
    const last = taskIds.at(-1);
    if (last === undefined) break;
    const steps = await photosOf(db, taskIds);
    yield steps.flatMap(({ taskId, userId, ...step }) =>
      objectsOf(step).map(({ key, bytes }) => ({ taskId, userId, objectKey: key, bytes })),
    );
    after = last;
  }
}

type StoredObject = { readonly key: string; readonly bytes: number };

function objectsOf(row: Pick<StepRow, "step" | "state" | "result">): readonly StoredObject[] {
  if (row.result === null) return []; // a damaged row, for another check to find
  const { step, state, result } = progressOf(row);
  if (step !== "preprocess" || state !== "done") return [];
  return [result, ...(result.variants ?? [])];
}

function imagesAfter(db: Kysely<Database>, after: string, limit: number) {
  return db
    .selectFrom("images")
    .innerJoin("tasks", "tasks.id", "images.taskId")
    .select(["images.id", "images.taskId", "tasks.userId", "images.objectKey", "images.bytes"])
    .where("tasks.status", "in", DELIVERED)
    .where("images.id", ">", after)
    .orderBy("images.id")
    .limit(limit)
    .execute();
}

async function tasksAfter(db: Kysely<Database>, after: string, limit: number): Promise<string[]> {
  const tasks = await db
    .selectFrom("tasks")
    .select("id")
    .where("type", "=", "PREPROCESS_ONLY")
    .where("status", "in", DELIVERED)
    .where("id", ">", after)
    .orderBy("id")
    .limit(limit)
    .execute();
  return tasks.map(({ id }) => id);
}

function photosOf(db: Kysely<Database>, taskIds: readonly string[]) {
  return db
    .selectFrom("steps")
    .innerJoin("tasks", "tasks.id", "steps.taskId")
    .select(["steps.taskId", "tasks.userId", "steps.step", "steps.state", "steps.result"])
    .where("steps.taskId", "in", taskIds)
    .where("steps.step", "=", "preprocess")
    .where("steps.state", "=", "done")
    .orderBy("steps.taskId")
    .orderBy("steps.idx")
    .execute();
}
