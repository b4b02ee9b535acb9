import { afterEach, describe, expect, test } from "bun:test";
import { DrapeError } from "../core/model/errors.ts";
import { createLog } from "../core/resilience/log.ts";
import {
  publishFunctionHealth,
  withdrawFunctionHealth,
} from "../core/invocation/function-health.ts";
import type { FunctionHealth } from "../core/invocation/function-client.ts";
import type { FunctionState } from "../core/ports/cloud.ts";
import type { ResilientInvoker } from "../core/invocation/resilient-invoker.ts";
import { publishWorkerConcurrency } from "../core/queue/worker-concurrency.ts";
import { until } from "../tests/until.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { openTestApp, problemOf, type TestApp } from "../tests/test-app.ts";
import type { ApiDeps } from "./context.ts";

const ok = { status: "ok", ms: expect.any(Number) };
const down = { status: "down", ms: expect.any(Number) };
const away = new DrapeError("UNAVAILABLE", "the database cannot be used right now");

let app: TestApp | undefined;
afterEach(() => app?.close());

/** An app whose dependencies are counted, may be failing, and whose clock is moved by hand. */
async function openApi(
  state: () => Promise<FunctionState> = async () => ({
    deployed: true,
    active: true,
    detail: "Active",
  }),
) {
  const calls = { database: 0, storage: 0, functions: 0 };
  const lines: string[] = [];
  let failing = false;
  let nowMs = 0;
  const change = (real: ApiDeps): Partial<ApiDeps> => ({
    store: {
      ...real.store,
      async ping() {
        calls.database += 1;
        if (failing) throw away;
      },
      credits: {
        ...real.store.credits,
        listTransfers: (query) =>
          failing ? Promise.reject(away) : real.store.credits.listTransfers(query),
      },
    },
    objects: {
      ...real.objects,
      async head() {
        calls.storage += 1;
        return null;
      },
    },
    functions: {
      call: () => Promise.reject(new Error("invoked, which is billed")),
      async describe() {
        calls.functions += 1;
        return state();
      },
    },
    clock: { ...systemClock, monotonicMs: () => nowMs },
    log: createLog({
      format: "json",
      level: "all",
      write: (line) => void lines.push(line),
      nowMs: Date.now,
    }),
  });
  const opened = await openTestApp(change);
  app = opened;
  return {
    opened,
    calls,
    lines,
    become: (mood: "failing" | "healthy") => void (failing = mood === "failing"),
    wait: (ms: number) => void (nowMs += ms),
    async read(path: string) {
      const answer = await opened.get(path);
      return { status: answer.status, body: (await answer.json()) as unknown };
    },
  };
}

describe("health of the api", () => {
  test("live answers without asking anybody and without a log line", async () => {
    const { read, calls, lines, become } = await openApi();
    become("failing");

    const live = await read("/health/live");

    expect(live).toEqual({ status: 200, body: { status: "ok" } });
    expect([calls, lines]).toEqual([{ database: 0, storage: 0, functions: 0 }, []]);
  });

  test("ready and health tell each part; health also this process's circuits", async () => {
    const { opened, read, lines } = await openApi();
    await publishWorkerConcurrency(opened.deps, "wkr_a", 8);

    const ready = await read("/health/ready");
    const health = await read("/health");

    const parts = { database: ok, queue: ok, cache: ok, storage: ok };
    const circuits = { database: "closed", queue: "closed", cache: "closed", storage: "closed" };
    expect(ready).toEqual({ status: 200, body: { status: "ok", parts } });
    expect(health).toEqual({
      status: 200,
      body: {
        status: "ok",
        parts,
        circuits,
        pausedFunctions: [],
        queuePause: null,
        workers: { running: 1 },
      },
    });
    expect(lines).toEqual([]);
  });

  test("the database being down makes both 503, and is named without a word about why", async () => {
    const { read, become } = await openApi();
    become("failing");

    const [ready, health] = [await read("/health/ready"), await read("/health")];

    for (const { status, body } of [ready, health]) {
      expect(status).toBe(503);
      expect(body).toMatchObject({ status: "down", parts: { database: down, storage: ok } });
      expect(JSON.stringify(body)).not.toContain("cannot be used");
    }
  });

  test("Redis being away is seen, also when the cache makes do without it; the api stays ready", async () => {
    const unreachable = () => Promise.reject(away);
    app = await openTestApp((real) => ({
      events: { ...real.events, append: unreachable, read: unreachable, wait: unreachable },
      objects: { ...real.objects, head: async () => null },
    }));

    const [ready, health] = [await app.get("/health/ready"), await app.get("/health")];

    const parts = { database: ok, queue: ok, cache: down };
    expect([ready.status, health.status]).toEqual([200, 503]);
    expect(await ready.json()).toMatchObject({ status: "degraded", parts });
    expect(await health.json()).toMatchObject({ status: "down", parts });
  });

  test("a flood of questions asks each part once in a while", async () => {
    const { opened, calls, wait, read } = await openApi();

    const flood = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        opened.get(index % 2 === 0 ? "/health" : "/health/ready"),
      ),
    );
    const once = { ...calls };
    wait(1_500);
    await read("/health");

    expect(flood.every(({ status }) => status === 200)).toBe(true);
    expect([once.database, once.storage, calls.database]).toEqual([1, 1, 2]);
  });

  test("a probe sees the truth behind an open circuit", async () => {
    const { opened, read, become, wait } = await openApi();
    await publishWorkerConcurrency(opened.deps, "wkr_a", 8);
    const token = await opened.signUp("anna@example.com");
    become("failing");
    for (let count = 0; count < 5; count += 1) await opened.get("/api/v1/credits/ledger", token);
    become("healthy");

    const refused = await opened.get("/api/v1/credits/ledger", token);
    wait(10_000);
    const health = await read("/health");

    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect((await problemOf(refused)).code).toBe("UNAVAILABLE");
    expect(health.body).toMatchObject({
      status: "ok",
      parts: { database: ok },
      circuits: { database: "open", queue: "closed", cache: "closed", storage: "closed" },
    });
  });
});

describe("health of the functions", () => {
  const nameOf = "image-generator";
  const functionOf = (body: unknown) =>
    (body as { functions: Record<string, unknown> }).functions[nameOf];

  test("each is told with its deployment, pause and circuit; nobody has spoken: null", async () => {
    const { read } = await openApi();

    const { status, body } = await read("/health/scf");

    const one = {
      deployed: true,
      active: true,
      detail: "Active",
      paused: null,
      circuit: null,
      workers: 0,
    };
    expect([status, body]).toEqual([
      200,
      {
        status: "ok",
        functions: { "ai-image-processor": one, "prompt-generator": one, "image-generator": one },
      },
    ]);
  });

  test("a pause shows its code and since when, the circuit is the worst of all workers'", async () => {
    const { opened, read } = await openApi();
    const { registry, store } = opened.deps;
    const say = (id: string, circuit: FunctionHealth["circuit"]) => {
      const said = {
        circuit,
        lastError: circuit === "open" ? "X" : null,
        lastLatencyMs: 7,
        rateWaitMs: 0,
      };
      const invoker = { health: () => said } as Partial<ResilientInvoker> as ResilientInvoker;
      return publishFunctionHealth({ registry, invoker }, id);
    };
    await say("wkr_a", "closed");
    await say("wkr_b", "open");
    await say("wkr_c", "open");
    await withdrawFunctionHealth({ registry }, "wkr_c");
    await until(async () => (await registry.read("function-health")).length === 2);
    const pause = { code: "FUNCTION_MISSING", message: "m", sinceMs: 0, probeAtMs: 1 };
    await store.settings.put(`pause:${nameOf}`, JSON.stringify(pause));

    const { body } = await read("/health/scf");

    expect(body).toMatchObject({ status: "degraded" });
    expect(functionOf(body)).toMatchObject({
      paused: { code: "FUNCTION_MISSING", since: "1970-01-01T00:00:00.000Z" },
      circuit: { state: "open", lastError: "X", lastLatencyMs: 7 },
      workers: 2,
    });
  });

  test("a pause whose row cannot be read is a pause still, and takes nobody's view away", async () => {
    const { opened, read } = await openApi();
    const chief = await opened.signUpAdmin("chief@example.com");
    for (const row of ["{ no", '{"code":5}']) {
      await opened.deps.store.settings.put(`pause:${nameOf}`, row);

      const health = await read("/health");
      const scf = await read("/health/scf");
      const stats = await opened.get("/api/v1/ai-generation/stats", chief);

      expect(health.body).toMatchObject({ pausedFunctions: [nameOf] });
      expect(functionOf(scf.body)).toMatchObject({
        paused: { code: "FUNCTION_PAUSED", since: null },
      });
      expect(functionOf(await stats.json())).toMatchObject({ paused: "FUNCTION_PAUSED" });
    }
  });

  test("the platform is asked once in 30 s, however many want to know", async () => {
    const { opened, calls, wait, read } = await openApi();

    await Promise.all(Array.from({ length: 100 }, () => opened.get("/health/scf")));
    wait(29_000);
    await read("/health/scf");
    const within = calls.functions;
    wait(2_000);
    await read("/health/scf");

    expect([within, calls.functions]).toEqual([3, 6]);
  });

  test("a platform that refuses leaves the deployment unknown and says the code", async () => {
    const refused = new DrapeError("FUNCTION_CREDENTIALS", "the platform refuses our keys");
    const { read } = await openApi(() => Promise.reject(refused));

    const { body } = await read("/health/scf");

    expect(body).toMatchObject({ status: "degraded" });
    expect(functionOf(body)).toMatchObject({
      deployed: null,
      active: null,
      detail: "FUNCTION_CREDENTIALS",
    });
  });
});
