import { afterEach, expect, test } from "bun:test";
import {
  publishWorkerConcurrency,
  readWorkerConcurrency,
  withdrawWorkerConcurrency,
} from "../core/queue/worker-concurrency.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { openTestApp, type TestApp } from "../tests/test-app.ts";
import { until } from "../tests/until.ts";

let app: TestApp | undefined;
afterEach(() => app?.close());

async function openApi() {
  let nowMs = 0;
  const opened = await openTestApp(({ objects }) => ({
    objects: { ...objects, head: async () => null },
    clock: { ...systemClock, monotonicMs: () => nowMs },
  }));
  app = opened;
  const read = async (path: string) => {
    const answer = await opened.get(path);
    return { status: answer.status, body: (await answer.json()) as unknown };
  };
  return { opened, read, wait: (ms: number) => void (nowMs += ms) };
}

test("without a worker the health is degraded, and says since when there is none", async () => {
  const { opened, read, wait } = await openApi();
  const never = await read("/health");
  await publishWorkerConcurrency(opened.deps, "wkr_a", 8);
  wait(2_000);
  const running = await read("/health");

  await withdrawWorkerConcurrency(opened.deps, "wkr_a");
  await until(async () => (await readWorkerConcurrency(opened.deps)) === 0);
  wait(2_000);
  const gone = await read("/health");

  expect(never).toMatchObject({
    status: 200,
    body: { status: "degraded", workers: { running: 0, noneSince: null } },
  });
  expect(running).toMatchObject({ body: { status: "ok", workers: { running: 1 } } });
  expect(gone).toMatchObject({
    status: 200,
    body: { status: "degraded", workers: { running: 0, noneSince: expect.any(String) } },
  });
});
