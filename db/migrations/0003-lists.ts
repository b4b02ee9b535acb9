import type { Kysely } from "kysely";
import { createIndexes } from "./create-indexes.ts";

/** A customer's tasks in one status, newest first, without walking past the others. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createIndexes(db, [
    {
      name: "tasks_user_status",
      table: "tasks",
      columns: ["userId", "status", "createdAt", "id"],
    },
  ]);
}
