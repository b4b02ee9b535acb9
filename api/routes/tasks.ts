import { Hono } from "hono";
import { z } from "zod";
import { cancelTask, ownTask } from "../../core/tasks/cancel-task.ts";
import { SIGNED_URL_WINDOW_MS } from "../../core/ports/cloud.ts";
import type { QueuePosition, QueuePositions } from "../../core/queue/queue-position.ts";
import { isTerminal, type Task } from "../../core/model/task.ts";
import type { ApiDeps, ApiEnv } from "../context.ts";
import { eventStreamBody, followTask } from "../event-stream.ts";
import { presentTask } from "../present-task.ts";
import { validQuery } from "../validate.ts";

type TaskDeps = ApiDeps & { readonly positions: QueuePositions };

/** One task of the caller's own: as it stands, its events, its cancel. */
export function createTaskRoutes(deps: TaskDeps) {
  const presenting = () => ({ objects: deps.objects, nowMs: deps.clock.nowMs() });
  return new Hono<ApiEnv>()
    .get("/api/v1/ai-generation/tasks/:id", async (c) => {
      const task = await ownTask(deps, c.get("actor").userId, c.req.param("id"));
      const queuePosition = (await deps.positions.find([task])).get(task.id);
      const etag = etagOf(task, queuePosition, deps.clock.nowMs());
      c.header("ETag", etag);
      c.header("Cache-Control", "private, no-cache");
      if (!isTerminal(task.status)) {
        const pollAgainMs = await deps.positions.pollAgainMs(task, queuePosition);
        c.header("Retry-After", String(Math.ceil(pollAgainMs / 1_000)));
      }
      if (c.req.header("if-none-match") === etag) return c.body(null, 304);
      return c.json(presentTask(task, { ...presenting(), queuePosition }));
    })
    .delete("/api/v1/ai-generation/tasks/:id", async (c) => {
      const { userId } = c.get("actor");
      const { canceled, task } = await cancelTask(deps, { userId, taskId: c.req.param("id") });
      return c.json({ ...presentTask(task, presenting()), canceled });
    })
    .get("/api/v1/ai-generation/tasks/:id/events", validQuery(eventsQuerySchema), async (c) => {
      const task = await ownTask(deps, c.get("actor").userId, c.req.param("id"));
      const afterId = c.req.header("last-event-id") ?? c.req.valid("query").lastEventId;
      const events = followTask(deps, task.id, afterId, c.req.raw.signal);
      return c.body(eventStreamBody(events), 200, {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache, no-transform",
        "x-accel-buffering": "no",
      });
    });
}

const eventsQuerySchema = z.strictObject({ lastEventId: z.string().max(40).optional() });

/** The version, and what changes without it: signed URLs, and the place in the queue. */
function etagOf(task: Task, queuePosition: QueuePosition | undefined, nowMs: number): string {
  const hasUrls = task.images.length > 0 || task.type === "PREPROCESS_ONLY";
  const window = hasUrls ? `-${Math.floor(nowMs / SIGNED_URL_WINDOW_MS)}` : "";
  const { position, blockedBy = null } = queuePosition ?? {};
  const blocked = blockedBy === null ? "" : `-${blockedBy}`;
  const queue = position === undefined ? "" : `-q${position}${blocked}`;
  return `"${task.version}${window}${queue}"`;
}
