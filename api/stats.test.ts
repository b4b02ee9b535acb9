import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { systemClock } from "../runtime/system-clock.ts";
import { z } from "zod";
import { publishWorkerConcurrency } from "../core/queue/worker-concurrency.ts";
import { createOne, finish, imageDone, LEASE_MS } from "../core/ports/contracts/store.fixture.ts";
import { openTestApp, problemOf, type TestApp } from "../tests/test-app.ts";

const STATS = "/api/v1/ai-generation/stats";
const countSchema = z.strictObject({ type: z.string(), status: z.string(), count: z.number() });
const percentiles = z.strictObject({ p50: z.number(), p90: z.number(), p99: z.number() });
const statsSchema = z.strictObject({
  at: z.iso.datetime(),
  queue: z.strictObject({
    paused: z.strictObject({ reason: z.string(), since: z.iso.datetime() }).nullable(),
    waiting: z.number(),
    oldestWaitingSeconds: z.number().nullable(),
  }),
  live: z.strictObject({ tallies: z.array(countSchema), complete: z.boolean() }),
  last24Hours: z.strictObject({
    ended: z.number(),
    tallies: z.array(countSchema),
    sampled: z.number(),
    complete: z.boolean(),
    since: z.iso.datetime().nullable(),
  }),
  throughputPerMinute: z.strictObject({ last5Minutes: z.number(), last60Minutes: z.number() }),
  lastHour: z.strictObject({
    successRate: z.number().nullable(),
    latency: z.record(
      z.string(),
      z.strictObject({
        tasks: z.number(),
        queuedToEndMs: percentiles,
        startedToEndMs: percentiles,
      }),
    ),
  }),
  workers: z.strictObject({ slots: z.number() }),
  promptCache: z.strictObject({ exact: z.number(), similar: z.number(), misses: z.number() }),
  functions: z.record(
    z.string(),
    z.strictObject({
      circuit: z.string().nullable(),
      lastError: z.string().nullable(),
      paused: z.string().nullable(),
    }),
  ),
});

let app: TestApp;
let chief = "";
let anna = "";
beforeEach(async () => {
  app = await openTestApp();
  chief = await app.signUpAdmin("chief@example.com");
  anna = await app.signUp("anna@example.com");
});
afterEach(() => app.close());

const stats = async () => statsSchema.parse(await (await app.get(STATS, chief)).json());

/** Anna's id, with credits. */
async function customer(): Promise<string> {
  const user = await app.deps.store.users.findByEmail("anna@example.com");
  const grant = { id: "trf_stats", userId: user?.id ?? "", amount: 1_000, reason: "test" };
  await app.deps.store.credits.grant({ ...grant, actor: "system" });
  return grant.userId;
}

describe("the statistics", () => {
  test("are for administrators", async () => {
    expect((await problemOf(await app.get(STATS, anna))).code).toBe("FORBIDDEN");
  });

  test("of an idle app know no rate and no latency", async () => {
    const { queue, lastHour, last24Hours, workers, functions } = await stats();

    expect(queue).toEqual({ paused: null, waiting: 0, oldestWaitingSeconds: null });
    expect(lastHour).toEqual({ successRate: null, latency: {} });
    expect(last24Hours).toMatchObject({ ended: 0, tallies: [], complete: true, since: null });
    expect(workers.slots).toBe(0);
    expect(Object.keys(functions)).toHaveLength(3);
  });

  test("count what waits, runs and has ended, and how it went", async () => {
    const { store, registry } = app.deps;
    const userId = await customer();
    const delivered = await createOne(store, { userId, held: 24 });
    const claimed = await store.tasks.claim(delivered, "wkr_a", LEASE_MS);
    const claim = { taskId: delivered, fence: claimed?.fence ?? 0 };
    await store.tasks.checkpoint(claim, [imageDone(0, delivered), imageDone(1, delivered)]);
    await store.tasks.settle(finish(delivered));
    const failed = await createOne(store, { userId, held: 24 });
    await store.tasks.claim(failed, "wkr_a", LEASE_MS);
    await store.tasks.settle(finish(failed));
    const canceled = await createOne(store, { userId, held: 24 });
    await store.tasks.settle({ ...finish(canceled), ending: "canceled" });
    const running = await createOne(store, { userId, held: 24 });
    await store.tasks.claim(running, "wkr_a", LEASE_MS);
    await createOne(store, { userId, held: 24 });
    await publishWorkerConcurrency({ registry, clock: systemClock }, "wkr_a", 8);

    const seen = await stats();

    expect(seen.queue.waiting).toBe(1);
    expect(seen.queue.oldestWaitingSeconds).toBeLessThan(60);
    expect(seen.live).toEqual({
      tallies: [
        { type: "FULL_GENERATION", status: "queued", count: 1 },
        { type: "FULL_GENERATION", status: "running", count: 1 },
      ],
      complete: true,
    });
    expect(seen.last24Hours.tallies.map(({ status, count }) => [status, count])).toEqual([
      ["canceled", 1],
      ["failed", 1],
      ["succeeded", 1],
    ]);
    expect(seen.throughputPerMinute).toEqual({ last5Minutes: 0.6, last60Minutes: 0.05 });
    // The canceled one says nothing of us.
    expect(seen.lastHour.successRate).toBe(0.5);
    expect(seen.lastHour.latency["FULL_GENERATION"]?.tasks).toBe(1);
    expect(seen.workers.slots).toBe(8);
  });
});

describe("the queue's pause", () => {
  const pause = (body: unknown) => app.post("/api/v1/admin/queue/pause", body, { token: chief });
  const resume = () => app.post("/api/v1/admin/queue/resume", "", { token: chief });

  test("keeps tasks waiting until it is lifted; health and statistics show it; both acts are audited", async () => {
    const { store } = app.deps;
    const taskId = await createOne(store, { userId: await customer(), held: 24 });

    const answer = await pause({ reason: "a migration" });
    const whilePaused = await store.tasks.claim(taskId, "wkr_a", LEASE_MS);
    const health = await app.get("/health");
    const seen = await stats();
    const lifted = await resume();
    const after = await store.tasks.claim(taskId, "wkr_a", LEASE_MS);
    const again = await resume();

    const paused = { reason: "a migration", since: expect.any(String) };
    expect(await answer.json()).toEqual({ paused });
    expect(whilePaused).toBeNull();
    expect(await health.json()).toMatchObject({ queuePause: { since: expect.any(String) } });
    expect(seen.queue.paused).toEqual(paused);
    expect([await lifted.json(), await again.json()]).toEqual([
      { paused: null, resumed: true },
      { paused: null, resumed: false },
    ]);
    expect(after?.id).toBe(taskId);
    const acts = await store.audit.list({ limit: 10 });
    expect(acts.map(({ action }) => action).slice(0, 2)).toEqual(["queue.resume", "queue.pause"]);
    expect(acts[1]?.detail).toEqual({ reason: "a migration" });
  });

  test("needs a reason", async () => {
    for (const body of [{}, { reason: " " }, { reason: "x".repeat(201) }]) {
      const { status, errors } = await problemOf(await pause(body));
      expect([status, errors?.map(({ pointer }) => pointer)]).toEqual([422, ["/reason"]]);
    }
  });
});

describe("anybody's task", () => {
  test("is read by an administrator, with its owner; one that is not there is 404", async () => {
    const userId = await customer();
    const taskId = await createOne(app.deps.store, { userId, held: 24 });

    const found = await app.get(`/api/v1/admin/tasks/${taskId}`, chief);
    const lost = await app.get("/api/v1/admin/tasks/task_none", chief);

    expect(await found.json()).toMatchObject({ id: taskId, userId, queue: { position: 0 } });
    expect(lost.status).toBe(404);
  });
});
