import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, test } from "bun:test";
import { systemClock } from "../core/system-clock.ts";
import { connectFast } from "./connect-redis.ts";
import { EmbeddedRateLimiter } from "./embedded-rate-limiter.ts";
import { Outage } from "./outage.ts";
import { silentLog } from "../tests/silent-log.ts";
import { RedisRateLimiter } from "./redis-rate-limiter.ts";

const POLICY = { limit: 1_000, windowMs: 60_000 };

let server: Server | undefined;
afterEach(() => server?.close());

/** Something that takes connections and never says a word, and a limiter that believes it to be a Redis. */
async function openSilent() {
  const listening = createServer((socket) => socket.on("error", () => undefined));
  server = listening;
  await new Promise<void>((resolve) => {
    listening.listen(0, "127.0.0.1", resolve);
  });
  const address = listening.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const clock = {
    ...systemClock,
    offsetMs: 0,
    monotonicMs: () => performance.now() + clock.offsetMs,
  };
  const outage = new Outage(silentLog, clock);
  const redis = connectFast({ host: "127.0.0.1", port }, outage);
  const limiter = new RedisRateLimiter(redis, outage, {
    prefix: "{silent}",
    fallback: new EmbeddedRateLimiter(systemClock),
    clockOffsetMs: () => 0,
  });
  return { outage, limiter, clock, stop: () => redis.disconnect() };
}

describe("a limiter on a Redis that is silent", () => {
  test("asks it no more once it is known to be away, but for one look a second", async () => {
    const { outage, limiter, clock, stop } = await openSilent();
    const failing = () => Promise.reject(new Error("no answer"));
    await outage.attempt(failing).catch(() => undefined);

    const startedMs = performance.now();
    const verdicts = await Promise.all(
      Array.from({ length: 100 }, () => limiter.take("anna", POLICY)),
    );
    const tookMs = performance.now() - startedMs;
    const within = outage.shallDoWithout();
    clock.offsetMs = 1_000;
    const looks = [outage.shallDoWithout(), outage.shallDoWithout()];
    stop();

    expect(verdicts.every(({ allowed }) => allowed)).toBe(true);
    expect(verdicts.at(-1)?.remaining).toBeLessThanOrEqual(901);
    expect(tookMs).toBeLessThan(500);
    expect([within, looks]).toEqual([true, [false, true]]);
  });

  test("is asked as ever when it is back", async () => {
    const { outage, clock, stop } = await openSilent();
    await outage.attempt(() => Promise.reject(new Error("no answer"))).catch(() => undefined);
    stop();
    clock.offsetMs = 6_000;

    await outage.attempt(async () => "PONG");

    expect(outage.shallDoWithout()).toBe(false);
  });
});
