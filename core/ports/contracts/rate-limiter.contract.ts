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

    test("what is refused neither spends nor refills, however often it comes", async () => {
      const key = newKey();
      await takeMany(key, 5);
      for (let nth = 0; nth < 3; nth += 1) await takeMany(key, 20);

      await subject.advance(11_000);
      const early = await takeMany(key, 20);
      await subject.advance(14_000);
      const later = await takeMany(key, 20);

      expect(early.filter(({ allowed }) => allowed)).toHaveLength(0);
      expect(later.filter(({ allowed }) => allowed)).toHaveLength(2);
    });

    test("a cost is taken whole or not at all, with the time to wait for it", async () => {
      const key = newKey();
      const most = await subject.port.take(key, POLICY, 4);
      const refused = await subject.port.take(key, POLICY, 3);
      const one = await subject.port.take(key, POLICY);

      expect([most.allowed, refused.allowed, one.allowed]).toEqual([true, false, true]);
      expect(refused.retryAfterMs).toBeGreaterThan(20_000);
      expect(refused.retryAfterMs).toBeLessThanOrEqual(24_000);
    });

    test("what is given back may be taken again, and never more than the limit", async () => {
      const key = newKey();
      await takeMany(key, 5);

      const given = await subject.port.take(key, POLICY, -2);
      const some = await takeMany(key, 5);
      await subject.port.take(key, POLICY, -100);
      const full = await takeMany(key, 8);

      expect(given.allowed).toBe(true);
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
