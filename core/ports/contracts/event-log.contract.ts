import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { freshId } from "../../model/ids.fixture.ts";
import type { TaskEvent } from "../../model/task-events.ts";
import { BEFORE_FIRST_EVENT, EVENT_LOG_LIMITS, type EventLog } from "../event-log.ts";

const queued: TaskEvent = { type: "task.queued", reason: "created" };
const started: TaskEvent = { type: "task.started", attempt: 1 };

/** What every EventLog promises. */
export function eventLogContract(
  name: string,
  open: () => Promise<{ readonly log: EventLog; close(): Promise<void> }>,
): void {
  describe(`EventLog on ${name}`, () => {
    let log: EventLog;
    let close: () => Promise<void>;
    beforeAll(async () => {
      const subject = await open();
      log = subject.log;
      close = subject.close;
    });
    afterAll(() => close());
    const newTask = () => freshId("task");
    const idsAfter = async (taskId: string, afterId: string) =>
      (await log.read(taskId, afterId)).map(({ id }) => id);

    test("events are numbered by version and read back in order", async () => {
      const taskId = newTask();

      await log.append(taskId, 1, [queued]);
      await log.append(taskId, 2, [started, queued]);

      const events = await log.read(taskId, BEFORE_FIRST_EVENT);
      expect(events.map(({ id }) => id)).toEqual(["1-1", "2-1", "2-2"]);
      expect(events[1]?.event).toEqual(started);
    });

    test("a reader goes on after any place", async () => {
      const taskId = newTask();
      await log.append(taskId, 1, [queued]);
      await log.append(taskId, 2, [started, queued]);

      expect(await idsAfter(taskId, "1-1")).toEqual(["2-1", "2-2"]);
      expect(await idsAfter(taskId, "2-1")).toEqual(["2-2"]);
      expect(await idsAfter(taskId, "1-999999")).toEqual(["2-1", "2-2"]);
    });

    test("the same version again and a late one are dropped", async () => {
      const taskId = newTask();
      await log.append(taskId, 3, [started]);

      await log.append(taskId, 3, [queued]);
      await log.append(taskId, 2, [queued]);

      const events = await log.read(taskId, BEFORE_FIRST_EVENT);
      expect(events).toEqual([{ id: "3-1", event: started }]);
    });

    test("a task without events gives none", async () => {
      expect(await log.read(newTask(), BEFORE_FIRST_EVENT)).toEqual([]);
    });

    test("a wait ends with the next event, and at once when there is one already", async () => {
      const taskId = newTask();
      const limit = AbortSignal.timeout(60_000);

      const waiting = log.wait(taskId, BEFORE_FIRST_EVENT, limit).then(() => "ended");
      const before = await Promise.race([waiting, pause(50)]);
      await log.append(taskId, 1, [queued]);
      await waiting;
      await log.wait(taskId, BEFORE_FIRST_EVENT, limit);

      expect(before).toBe("waits");
      expect(limit.aborted).toBe(false);
    });

    test("hundreds wait at a time, and each wakes for its own task alone", async () => {
      const tasks = Array.from({ length: 300 }, newTask);
      const limit = AbortSignal.timeout(60_000);
      const awake = new Set<string>();
      const waits = tasks.map(async (taskId) => {
        await log.wait(taskId, BEFORE_FIRST_EVENT, limit);
        awake.add(taskId);
      });
      await pause(50);

      const [first = "", ...others] = tasks;
      await log.append(first, 1, [queued]);
      await Promise.all([waits[0], pause(30)]);
      const early = [...awake];
      await Promise.all(others.map((taskId) => log.append(taskId, 1, [queued])));
      await Promise.all(waits);

      expect(early).toEqual([first]);
      expect(limit.aborted).toBe(false);
    });

    test("a wait ends when it is aborted", async () => {
      const stop = new AbortController();

      const waiting = log.wait(newTask(), BEFORE_FIRST_EVENT, stop.signal);
      stop.abort();

      expect(await waiting.then(() => "ended")).toBe("ended");
    });

    test("a task keeps its newest events, within the limit", async () => {
      const taskId = newTask();
      const versions = EVENT_LOG_LIMITS.eventsPerTaskMax + 100;

      for (let version = 1; version <= versions; version += 1)
        await log.append(taskId, version, [queued]);

      const ids = await idsAfter(taskId, BEFORE_FIRST_EVENT);
      expect(ids.length).toBeLessThan(versions);
      expect(ids.length).toBeGreaterThanOrEqual(EVENT_LOG_LIMITS.eventsPerTaskMax);
      expect(ids.at(-1)).toBe(`${versions}-1`);
    });
  });
}

async function pause(ms: number): Promise<string> {
  await new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
  return "waits";
}
