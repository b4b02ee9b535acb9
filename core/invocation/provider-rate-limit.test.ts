import { expect, test } from "bun:test";
import { EmbeddedRateLimiter } from "../../redis/embedded-rate-limiter.ts";
import { EmbeddedLeases } from "../../redis/embedded-leases.ts";
import { LeaseSemaphore } from "../../redis/lease-semaphore.ts";
import { ERRORS } from "../model/errors.ts";
import type { Clock } from "../ports/clock.ts";
import { awaitProviderRate, policyOf } from "./provider-rate-limit.ts";
import { systemClock } from "../../runtime/system-clock.ts";
import { system } from "../../runtime/system.ts";

const NO_LIMITS = { "ai-image-processor": null, "prompt-generator": null, "image-generator": null };
const forever = new AbortController().signal;

/** A limiter that two processes share, and a clock that their sleeps move. */
function openRate(perMinute: number) {
  let nowMs = 1_000_000;
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    async sleep(ms, signal) {
      signal.throwIfAborted();
      nowMs += ms;
    },
    deadline: (ms) => systemClock.deadline(ms),
  };
  const providerPerMinute = { ...NO_LIMITS, "image-generator": perMinute };
  const settings = { calls: { providerPerMinute, ratePatienceMs: 50 } };
  const semaphore = new LeaseSemaphore(new EmbeddedLeases(clock), system);
  const deps = { rateLimiter: new EmbeddedRateLimiter(clock), semaphore, clock, settings };
  const take = (pictures: number, signal = forever) =>
    awaitProviderRate(
      deps,
      "image-generator",
      { images: Array.from({ length: pictures }) },
      signal,
    );
  return { take, deps, now: () => nowMs };
}

test("no minute has more pictures than the provider gives, whoever asks", async () => {
  const { take, now } = openRate(60);
  const sentAtMs: number[] = [];

  for (let call = 0; call < 60; call += 1) {
    await take(3);
    sentAtMs.push(...Array<number>(3).fill(now()));
  }

  const inMinuteFrom = (startMs: number) =>
    sentAtMs.filter((ms) => ms >= startMs && ms < startMs + 60_000).length;
  expect(Math.max(...sentAtMs.map(inMinuteFrom))).toBeLessThanOrEqual(60);
  expect((sentAtMs.at(-1) ?? 0) - (sentAtMs[0] ?? 0)).toBeLessThan(4 * 60_000);
});

test("a call for more pictures than the burst gets through, and who gave up takes no more", async () => {
  const { take, now } = openRate(20);
  const startedMs = now();

  await take(15);
  const tookMs = now() - startedMs;
  const [end] = await Promise.allSettled([take(1, AbortSignal.abort(new Error("enough")))]);

  expect(tookMs).toBeGreaterThan(30_000);
  expect(end).toMatchObject({ reason: { message: "enough" } });
});

test("one call gets all its pictures before the next gets any, or slow rates would keep all of them from their ends", async () => {
  const { take, deps } = openRate(20);
  let taken = 0;
  deps.rateLimiter.take = async () => {
    taken += 1;
    return { allowed: true, remaining: 0, retryAfterMs: 0, resetMs: 0 };
  };

  const takenAtEnds = await Promise.all([1, 2, 3].map(() => take(4).then(() => taken)));

  expect(takenAtEnds.sort((a, b) => a - b)).toEqual([4, 8, 12]);
});

test("who has no turn for long is put back by an error that spends no attempt", async () => {
  const { take, deps } = openRate(20);
  const never = { allowed: false, remaining: 0, retryAfterMs: 1, resetMs: 1 };
  deps.rateLimiter.take = async () => never;
  deps.clock = systemClock;
  const ahead = new AbortController();
  const first = take(1, ahead.signal).catch(() => "gave up");

  const waited: unknown = await take(1).catch((error: unknown) => error);
  ahead.abort(new Error("enough"));

  expect(waited).toMatchObject({ code: "UNAVAILABLE", ran: "no" });
  expect(ERRORS.UNAVAILABLE.outcome).toBe("delay");
  expect(await first).toBe("gave up");
});

test("a function without a limit is not waited for", async () => {
  const { deps } = openRate(20);
  deps.rateLimiter.take = () => Promise.reject(new Error("nobody asks"));

  await expect(awaitProviderRate(deps, "prompt-generator", {}, forever)).resolves.toBeUndefined();
});

test("the smallest limit is a limit too", () => {
  expect(policyOf(2)).toEqual({ limit: 1, windowMs: 60_000, shared: true });
});
