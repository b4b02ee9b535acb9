import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { defineFunction } from "./define-function.ts";
import { FunctionError } from "./function-error.ts";

const eventSchema = z.strictObject({
  images: z.array(z.strictObject({ key: z.string().min(1) })),
});
const goodEvent = { images: [{ key: "a" }] };
const context = { request_id: "r-1", function_name: "f", time_limit_in_ms: 10_000 };

function handlerOf(run: (signal: AbortSignal) => Promise<unknown>, callsProvider = false) {
  const lines: string[] = [];
  const handler = defineFunction({
    eventSchema,
    callsProvider,
    run: (_event, tools) => run(tools.signal),
    describe: (event) => ({ action: `look at ${event.images.length}` }),
    writeLine: (line) => void lines.push(line),
  });
  return { handler, lines };
}

describe("defineFunction", () => {
  test("answers what run returns and writes one JSON line with ids, action, time and code", async () => {
    const { handler, lines } = handlerOf(async () => "done");

    const answer = await handler(goodEvent, context);

    expect(answer).toEqual({ ok: true, result: "done" });
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      function: "f",
      requestId: "r-1",
      action: "look at 1",
      ms: expect.any(Number),
      code: "OK",
    });
  });

  test("an invalid event is answered with the pointer of the field and never run", async () => {
    let runs = 0;
    const { handler } = handlerOf(async () => (runs += 1));

    const answer = await handler({ images: [{ key: "a" }, { key: "" }] }, context);

    expect(answer).toMatchObject({ ok: false, failure: { code: "EVENT_INVALID", ran: "no" } });
    expect(JSON.stringify(answer)).toContain("/images/1/key");
    expect(runs).toBe(0);
  });

  test("a FunctionError becomes the failure, and its message stays out of the log", async () => {
    const { handler, lines } = handlerOf(async () => {
      throw new FunctionError("PROVIDER_BUSY", "https://a.test/?sign=secret is busy", {
        ran: "yes",
        retryAfterMs: 1500,
        providerCode: "RateLimit",
      });
    });

    const answer = await handler(goodEvent, context);

    expect(answer).toEqual({
      ok: false,
      failure: {
        code: "PROVIDER_BUSY",
        message: "https://a.test/?sign=secret is busy",
        ran: "yes",
        retryAfterMs: 1500,
        providerCode: "RateLimit",
      },
    });
    expect(lines.join()).toContain("PROVIDER_BUSY");
    expect(lines.join()).not.toContain("secret");
  });

  test("any other error is logged as one line and thrown on", async () => {
    const { handler, lines } = handlerOf(async () => {
      throw new TypeError("a bug");
    });

    await expect(handler(goodEvent, context)).rejects.toThrow("a bug");

    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ code: "CRASHED", requestId: "r-1" });
  });

  test.each([
    [true, "PROVIDER_TIMEOUT"],
    [false, "FUNCTION_TIMEOUT"],
  ] as const)(
    "run is told to stop, and one that does not listen is answered for, before the limit (asks a provider: %s)",
    async (callsProvider, code) => {
      const limitMs = 400;
      const order: string[] = [];
      const { handler } = handlerOf(
        (signal) =>
          new Promise(() => {
            signal.addEventListener("abort", () => void order.push("told to stop"));
          }),
        callsProvider,
      );
      const after = (ms: number, what: string) =>
        new Promise<void>((resolve) => {
          setTimeout(() => {
            order.push(what);
            resolve();
          }, ms);
        });

      // Timers of one process fire in their order, however late: a busy machine changes nothing.
      const early = after(0.75 * limitMs, "three quarters of the time");
      const answered = handler(goodEvent, { ...context, time_limit_in_ms: limitMs });
      const limit = after(limitMs, "the platform's limit");
      const answer = await answered;
      order.push("answered");
      await Promise.all([early, limit]);

      expect(answer).toMatchObject({
        ok: false,
        failure: { code, ran: "unknown" },
      });
      expect(order).toEqual([
        "three quarters of the time",
        "told to stop",
        "answered",
        "the platform's limit",
      ]);
    },
  );

  test("a context without the platform's members is no reason to fail", async () => {
    const { handler } = handlerOf(async () => 1);

    expect(await handler(goodEvent, undefined)).toEqual({ ok: true, result: 1 });
  });
});
