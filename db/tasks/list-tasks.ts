import { sql } from "kysely";
import type { Task } from "../../core/model/task.ts";
import { STORE_LIMITS } from "../../core/ports/store-types.ts";
import type { TaskListQuery } from "../../core/ports/task-store.ts";
import type { Db } from "../connection/db.ts";
import { withParts } from "./read-tasks.ts";
import type { TaskRow } from "../schema.ts";

/** Pages of a customer's tasks: each reads as many rows as it gives, at any depth and table size. */
export async function listTasks(db: Db, query: TaskListQuery): Promise<Task[]> {
  const { rows } = await listQuery(db, query).execute(db.kysely);
  return withParts(db.kysely, rows);
}

/**
 * Written for the index: MySQL enters it at `createdAt <= ?` only when the place is said so and the index is forced;
 * left alone it walks from the customer's newest task to the page.
 */
export function listQuery({ dialect }: Pick<Db, "dialect">, query: TaskListQuery) {
  const { userId, before, status, type, createdAfterMs, createdBeforeMs } = query;
  const conditions = [sql`userId = ${userId}`];
  if (status !== undefined) conditions.push(sql`status = ${status}`);
  if (type !== undefined) conditions.push(sql`type = ${type}`);
  if (createdAfterMs !== undefined) conditions.push(sql`createdAt >= ${createdAfterMs}`);
  if (createdBeforeMs !== undefined) conditions.push(sql`createdAt < ${createdBeforeMs}`);
  if (before !== undefined) {
    const { createdAtMs, id } = before;
    conditions.push(
      sql`createdAt <= ${createdAtMs} and (createdAt < ${createdAtMs} or id < ${id})`,
    );
  }
  const index = status === undefined ? "tasks_user" : "tasks_user_status";
  return sql<TaskRow>`
    select * from tasks ${dialect.forceIndex(index)}
    where ${sql.join(conditions, sql` and `)}
    order by createdAt desc, id desc limit ${Math.min(query.limit, STORE_LIMITS.pageMax)}`;
}
