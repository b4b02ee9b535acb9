import { Hono } from "hono";
import { z } from "zod";
import type { QueuePositions } from "../../core/queue/queue-position.ts";
import { TASK_EDGES, TASK_TYPES, type TaskStatus } from "../../core/model/task.ts";
import type { ApiDeps, ApiEnv } from "../context.ts";
import { answerPage, pageFields } from "../page.ts";
import { presentTask } from "../present-task.ts";
import { validQuery } from "../body/validate.ts";

const STATUSES = Object.keys(TASK_EDGES) as TaskStatus[]; // the keys of a Record over all of them

const instant = z.iso
  .datetime({ offset: true, error: "a time such as 2026-01-31T08:00:00Z (write + as %2B)" })
  .max(40)
  .transform((text) => Date.parse(text));

const listQuerySchema = z.strictObject({
  ...pageFields,
  status: z.enum(STATUSES).optional(),
  type: z.enum(TASK_TYPES).optional(),
  /** From this time on. */
  createdAfter: instant.optional(),
  /** Up to this time, itself not included. */
  createdBefore: instant.optional(),
});

/** The caller's own tasks, newest first; an administrator's too are their own. */
export function createTaskListRoutes(deps: ApiDeps & { readonly positions: QueuePositions }) {
  return new Hono<ApiEnv>().get("/", validQuery(listQuerySchema), (c) => {
    const { status, type, createdAfter, createdBefore, ...page } = c.req.valid("query");
    const { userId } = c.get("actor");
    const filters = {
      ...(status === undefined ? {} : { status }),
      ...(type === undefined ? {} : { type }),
      ...(createdAfter === undefined ? {} : { createdAfterMs: createdAfter }),
      ...(createdBefore === undefined ? {} : { createdBeforeMs: createdBefore }),
    };
    const presenting = { objects: deps.objects, nowMs: deps.clock.nowMs() };
    return answerPage(
      c,
      page,
      async (query) => {
        const tasks = await deps.store.tasks.list({ userId, ...filters, ...query });
        const positions = await deps.positions.find(tasks);
        return tasks.map((task) => ({ ...task, queuePosition: positions.get(task.id) }));
      },
      ({ queuePosition, ...task }) => presentTask(task, { ...presenting, queuePosition }),
    );
  });
}
