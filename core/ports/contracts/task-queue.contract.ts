import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { freshId } from "../../model/ids.fixture.ts";
import type { Priority } from "../../model/task.ts";
import type { Job, TaskConsumer, TaskQueue } from "../task-queue.ts";

export type QueueSubject = {
  readonly queue: TaskQueue;
  readonly consumer: TaskConsumer;
  close(): Promise<void>;
};

/** What every TaskQueue with its TaskConsumer promises. */
export function taskQueueContract(name: string, open: () => Promise<QueueSubject>): void {
  describe(`TaskQueue on ${name}`, () => {
    let subject: QueueSubject;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(async () => {
      await subject.close();
    });

    test("each job reaches the handler once", async () => {
      const jobs = [job(), job(), job()];
      const seen = collect(subject.consumer, 3);

      await subject.queue.add(jobs);

      expect((await seen).sort()).toEqual(jobs.map(({ id }) => id).sort());
      expect(await subject.queue.waiting()).toBe(0);
    });

    test("an id that is waiting is not added again", async () => {
      const one = job();
      await subject.queue.add([one, one]);
      await subject.queue.add([one]);

      expect(await subject.queue.waiting()).toBe(1);
    });

    test("an id that was handled may come again", async () => {
      const one = job();
      let ids: readonly string[] = [];
      void collect(subject.consumer, 2).then((seen) => {
        ids = seen;
      });

      await subject.queue.add([one]);
      await until(async () => (await subject.queue.waiting()) === 0);
      // Added until it is taken: while its first run still ends, the id may count as held.
      await until(async () => {
        await subject.queue.add([one]);
        return ids.length === 2;
      });

      expect(ids).toEqual([one.id, one.id]);
    });

    test("high goes before normal, normal before low, in order within each", async () => {
      const jobs = (["low", "normal", "high", "normal", "high"] as const).map(job);
      await subject.queue.add(jobs);

      const order = await collect(subject.consumer, 5);

      expect(order).toEqual([2, 4, 1, 3, 0].map((index) => jobs[index]?.id ?? ""));
    });

    test("no more run at a time than the concurrency says", async () => {
      let running = 0;
      let most = 0;
      let handled = 0;
      subject.consumer.start(async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => {
          setTimeout(resolve, 5);
        });
        running -= 1;
        handled += 1;
      }, 2);

      await subject.queue.add(Array.from({ length: 10 }, () => job()));
      await until(async () => handled === 10);

      expect(most).toBe(2);
    });

    test("a handler that throws does not stop the next job", async () => {
      const seen: string[] = [];
      subject.consumer.start(async ({ id }) => {
        seen.push(id);
        if (seen.length === 1) throw new Error("the first one fails");
      }, 1);

      await subject.queue.add([job(), job()]);
      await until(async () => seen.length === 2);

      expect(seen).toHaveLength(2);
    });

    test("stop aborts the running jobs' signals and waits for them", async () => {
      let aborted = false;
      let started = false;
      subject.consumer.start(async (_, signal) => {
        started = true;
        await new Promise<void>((resolve) => {
          signal.addEventListener("abort", () => resolve());
        });
        aborted = true;
      }, 1);
      await subject.queue.add([job()]);
      await until(async () => started);

      await subject.consumer.stop(5_000);

      expect(aborted).toBe(true);
    });

    test("stop waits no longer than its grace for a job that does not end", async () => {
      let started = false;
      subject.consumer.start(() => {
        started = true;
        return new Promise(() => {});
      }, 1);
      await subject.queue.add([job()]);
      await until(async () => started);

      const startedMs = performance.now();
      await subject.consumer.stop(40);

      const tookMs = performance.now() - startedMs;
      expect(tookMs).toBeGreaterThanOrEqual(39);
      expect(tookMs).toBeLessThan(700);
    });
  });
}

function job(priority: Priority = "normal"): Job {
  const taskId = freshId("task");
  return { id: `${taskId}-1`, taskId, priority };
}

/** The ids of the next jobs, one at a time. */
function collect(consumer: TaskConsumer, count: number): Promise<string[]> {
  return new Promise((resolve) => {
    const ids: string[] = [];
    consumer.start(async ({ id }) => {
      ids.push(id);
      if (ids.length === count) resolve(ids);
    }, 1);
  });
}

const WAIT_MAX_MS = 60_000;

async function until(condition: () => Promise<boolean>): Promise<void> {
  const endsMs = Date.now() + WAIT_MAX_MS;
  while (!(await condition())) {
    if (Date.now() > endsMs) throw new Error("the condition did not come true in time");
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
