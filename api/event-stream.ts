import {
  afterSnapshot,
  isGap,
  parseEventId,
  type LoggedEvent,
  type TaskEvent,
} from "../core/model/task-events.ts";
import { BEFORE_FIRST_EVENT } from "../core/ports/event-log.ts";
import type { QueuePositions } from "../core/queue/queue-position.ts";
import { isTerminal, TERMINAL_STATUSES } from "../core/model/task.ts";
import type { ApiDeps } from "./context.ts";
import { isoTime } from "./iso-time.ts";
import { presentImage, presentTask } from "./present-task.ts";
import { waitForNotification } from "./wait-for-notification.ts";

type StreamDeps = Pick<ApiDeps, "events" | "store" | "objects" | "clock"> & {
  readonly positions: Pick<QueuePositions, "find">;
};
export type WireEvent = {
  /** Null: it tells how things are and is no part of the task's history, so that nobody resumes after it. */
  readonly id: string | null;
  readonly type: string;
  readonly data: unknown;
};

/** Under 10 s: Bun and many proxies cut a quiet stream after that. */
const KEEPALIVE_MS = 9_000;

/** Events follow their commit by a moment: only then is one missing. */
const LATE_EVENT_MS = 300;

/**
 * A task's events after a cursor, until its last one; now and then a sign of life: `task.waiting` while it waits, else
 * null. On a gap, or when the log has lost what the database knows, a `task.snapshot` first. Ends when `signal` is
 * aborted.
 */
export async function* followTask(
  deps: StreamDeps,
  taskId: string,
  afterId: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<WireEvent | null> {
  let cursor = afterId ?? BEFORE_FIRST_EVENT;
  if (parseEventId(cursor) === null) cursor = yield* snapshot(deps, taskId);
  // The log may have lost what the database knows: compared at the start and at every keepalive.
  let waitedAt = "";
  let isWaiting = false;
  for (let compare = true; !signal.aborted;) {
    // A log that is away is an empty one: the database tells what there is to see.
    for (const logged of await deps.events.read(taskId, cursor).catch(() => [])) {
      if (isGap(cursor, logged.id)) {
        cursor = yield* snapshot(deps, taskId);
        break;
      }
      yield wireEvent(deps, taskId, logged);
      cursor = logged.id;
      if (endsTask(logged)) return;
    }
    if (compare) {
      const known = await deps.store.tasks.findVersion(taskId);
      if (known === null) return;
      isWaiting = known.status === "queued";
      if (known.version > (parseEventId(cursor)?.version ?? 0)) {
        if (waitedAt !== cursor) {
          waitedAt = cursor;
          const soon = AbortSignal.timeout(LATE_EVENT_MS);
          await waitForNotification(deps, { taskId, cursor }, AbortSignal.any([soon, signal]));
          continue;
        }
        cursor = yield* snapshot(deps, taskId);
      }
      // A cursor from elsewhere: nothing would ever be newer.
      if (known.version < (parseEventId(cursor)?.version ?? 0)) {
        cursor = yield* snapshot(deps, taskId);
      }
      if (isTerminal(known.status)) return;
    }
    const turn = AbortSignal.timeout(KEEPALIVE_MS);
    await waitForNotification(deps, { taskId, cursor }, AbortSignal.any([turn, signal]));
    compare = turn.aborted;
    if (compare && !signal.aborted) yield isWaiting ? await whereItWaits(deps, taskId) : null;
  }
}

/** The task as it stands; afterwards the reader stands behind all events of that version. */
async function* snapshot(deps: StreamDeps, taskId: string): AsyncGenerator<WireEvent, string> {
  const task = await deps.store.tasks.find(taskId);
  if (task === null) return BEFORE_FIRST_EVENT;
  const id = afterSnapshot(task.version);
  const queuePosition = (await deps.positions.find([task])).get(task.id);
  const presenting = { objects: deps.objects, nowMs: deps.clock.nowMs(), queuePosition };
  const data = presentTask(task, presenting);
  yield { id, type: "task.snapshot", data };
  return id;
}

/** How a waiting task stands by now; null for one that does not wait. */
async function whereItWaits(deps: StreamDeps, taskId: string): Promise<WireEvent | null> {
  const task = await deps.store.tasks.find(taskId);
  const queue = task === null ? undefined : (await deps.positions.find([task])).get(taskId);
  return queue === undefined ? null : { id: null, type: "task.waiting", data: { taskId, queue } };
}

function wireEvent(deps: StreamDeps, taskId: string, { id, event }: LoggedEvent): WireEvent {
  const { type } = event;
  return { id, type, data: { taskId, ...factsOf(deps, event) } };
}

function factsOf({ objects, clock }: StreamDeps, event: TaskEvent): object {
  const { type, ...facts } = event;
  if (type === "task.image" || type === "task.image.preview") {
    return { image: presentImage(event.image, { objects, nowMs: clock.nowMs() }) };
  }
  if (type !== "task.step" || event.untilMs === undefined) return facts;
  const { type: _type, untilMs, ...step } = event;
  return { ...step, until: isoTime(untilMs) };
}

function endsTask({ event }: LoggedEvent): boolean {
  return TERMINAL_STATUSES.some((status) => event.type === `task.${status}`);
}

type Streaming = {
  /** Ends when its signal is aborted. */
  readonly follow: (signal: AbortSignal) => AsyncGenerator<WireEvent | null>;
  readonly client: AbortSignal;
  /** Hears of every way in which the stream ends, of some twice. */
  readonly onEnd: () => void;
};

/** The events as a `text/event-stream` body. */
export function eventStreamBody({ follow, client, onEnd }: Streaming): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const stop = new AbortController();
  const events = follow(AbortSignal.any([client, stop.signal]));
  // A client that is gone before the first read cancels nothing.
  client.addEventListener("abort", onEnd, { once: true });
  if (client.aborted) onEnd();
  return new ReadableStream({
    start(controller) {
      controller.enqueue(encoder.encode("retry: 3000\n\n"));
    },
    async pull(controller) {
      const next = await events.next().catch((error: unknown) => {
        onEnd();
        throw error;
      });
      if (next.done === true) {
        onEnd();
        controller.close();
        return;
      }
      controller.enqueue(encoder.encode(frame(next.value)));
    },
    async cancel() {
      onEnd();
      // A wait that is under way would keep the generator until its next keepalive.
      stop.abort();
      await events.return(undefined);
    },
  });
}

function frame(event: WireEvent | null): string {
  if (event === null) return ": keepalive\n\n";
  const id = event.id === null ? "" : `id: ${event.id}\n`;
  return `${id}event: ${event.type}\ndata: ${JSON.stringify(event.data)}\n\n`;
}
