import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { freshId } from "../../model/ids.fixture.ts";
import type { TimedSubject } from "./cache.contract.ts";
import type { RateLimiter } from "../rate-limiter.ts";

// A token in 12 s: what a slow machine needs between two calls changes no verdict.
const POLICY = { limit: 5, windowMs: 60_000 };

/** What every RateLimiter promises. */
export function rateLimiterContract(
  name: string,
  open: () => Promise<TimedSubject<RateLimiter>>,
): void {
  describe(`RateLimiter on ${name}`, () => {
    let subject: TimedSubject<RateLimiter>;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.close());
    const newKey = () => freshId("req");
    const takeMany = (key: string, count: number) =>
      Promise.all(Array.from({ length: count }, () => subject.port.take(key, POLICY)));

    test("a burst passes up to the limit, the rest is refused with the time to wait", async () => {
      const verdicts = await takeMany(newKey(), 8);

      expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(5);
      const refused = verdicts.at(-1);
      expect(refused?.remaining).toBe(0);
      expect(refused?.retryAfterMs).toBeGreaterThan(0);
      expect(refused?.retryAfterMs).toBeLessThanOrEqual(12_000);
    });

    test("the bucket fills with time, and never above the limit", async () => {
      const key = newKey();
      await takeMany(key, 5);

      await subject.advance(27_000);
      const some = await takeMany(key, 5);
      await subject.advance(600_000);
      const full = await takeMany(key, 8);

      expect(some.filter(({ allowed }) => allowed)).toHaveLength(2);
      expect(full.filter(({ allowed }) => allowed)).toHaveLength(5);
    });

    test("one caller's requests are not another's", async () => {
      await takeMany(newKey(), 8);

      const [other] = await takeMany(newKey(), 1);

      expect(other).toMatchObject({ allowed: true, remaining: 4 });
    });
  });
}
