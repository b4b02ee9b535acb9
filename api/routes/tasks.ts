import { Hono } from "hono";
import { z } from "zod";
import { cancelTask, ownTask } from "../../core/tasks/cancel-task.ts";
import { SIGNED_URL_WINDOW_MS } from "../../core/ports/cloud.ts";
import type { QueuePosition, QueuePositions } from "../../core/queue/queue-position.ts";
import { isTerminal, type Task } from "../../core/model/task.ts";
import type { ApiDeps, ApiEnv } from "../context.ts";
import { isKnownTag } from "../entity-tag.ts";
import { eventStreamBody, followTask } from "../event-stream.ts";
import type { OpenStreams } from "../open-streams.ts";
import { presentTask } from "../present-task.ts";
import { validQuery } from "../body/validate.ts";

type TaskDeps = ApiDeps & { readonly positions: QueuePositions; readonly streams: OpenStreams };

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
      if (isKnownTag(c.req.header("if-none-match"), etag)) return c.body(null, 304);
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
      // Nobody would end a stream that HEAD opens.
      if (c.req.method === "HEAD") return c.body(null, 200, STREAM_HEADERS);
      const leave = deps.streams.enter(c.get("actor").userId);
      const follow = (signal: AbortSignal) => followTask(deps, task.id, afterId, signal);
      const body = eventStreamBody({ follow, client: c.req.raw.signal, onEnd: leave });
      return c.body(body, 200, STREAM_HEADERS);
    });
}

const STREAM_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
};

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
