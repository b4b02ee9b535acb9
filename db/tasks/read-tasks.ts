import type { Task } from "../../core/model/task.ts";
import type { Db, Tx } from "../connection/db.ts";
import { taskOf } from "../rows.ts";
import type { TaskRow } from "../schema.ts";

/** A task with its steps and images, or null. */
export async function readTask(reader: Db["kysely"] | Tx, taskId: string): Promise<Task | null> {
  const row = await reader
    .selectFrom("tasks")
    .selectAll()
    .where("id", "=", taskId)
    .executeTakeFirst();
  if (row === undefined) return null;
  const [task] = await withParts(reader, [row]);
  return task ?? null;
}

/** See `TaskStore.findVersion`. */
export async function readVersion({ kysely }: Pick<Db, "kysely">, taskId: string) {
  const row = await kysely
    .selectFrom("tasks")
    .select(["version", "userId", "status"])
    .where("id", "=", taskId)
    .executeTakeFirst();
  return row === undefined ? null : { ...row, status: row.status as Task["status"] };
}

/**
 * Rows made tasks, in the same order, by three queries however many there are. The rows are read first: what is
 * written meanwhile can only make a part newer than its task's version, and a client that asks again gets both.
 */
export async function withParts(
  reader: Db["kysely"] | Tx,
  rows: readonly TaskRow[],
): Promise<Task[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const steps = await reader.selectFrom("steps").selectAll().where("taskId", "in", ids).execute();
  const images = await reader
    .selectFrom("images")
    .selectAll()
    .where("taskId", "in", ids)
    .orderBy("idx")
    .execute();
  const resolutions = await reader
    .selectFrom("resolutions")
    .selectAll()
    .where("taskId", "in", ids)
    .execute();
  const [stepsOf, imagesOf, resolutionsOf] = [
    Map.groupBy(steps, taskIdOf),
    Map.groupBy(images, taskIdOf),
    Map.groupBy(resolutions, taskIdOf),
  ];
  return rows.map((row) =>
    taskOf(row, {
      steps: stepsOf.get(row.id) ?? [],
      images: imagesOf.get(row.id) ?? [],
      resolution: resolutionsOf.get(row.id)?.[0],
    }),
  );
}

function taskIdOf({ taskId }: { taskId: string }): string {
  return taskId;
}

/** Of a task that the transaction has just written. */
export async function versionAfter(tx: Tx, taskId: string): Promise<number> {
  const { version } = await tx
    .selectFrom("tasks")
    .select("version")
    .where("id", "=", taskId)
    .executeTakeFirstOrThrow();
  return version;
}
