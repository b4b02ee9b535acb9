import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { freshId } from "../../model/ids.fixture.ts";
import { CACHE_VALUE_MAX_BYTES, type Cache } from "../cache.ts";

export type TimedSubject<Port> = {
  readonly port: Port;
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
};

/** What every Cache promises. */
export function cacheContract(name: string, open: () => Promise<TimedSubject<Cache>>): void {
  describe(`Cache on ${name}`, () => {
    let subject: TimedSubject<Cache>;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.close());
    const newKey = () => `cache:${freshId("req")}`;

    test("a value is given back until its life ends", async () => {
      const key = newKey();

      await subject.port.set(key, "红色 dress", 60_000);
      await subject.advance(30_000);
      const before = await subject.port.get(key);
      await subject.advance(30_001);

      expect([before, await subject.port.get(key)]).toEqual(["红色 dress", null]);
    });

    test("a newer value replaces the older one", async () => {
      const key = newKey();

      await subject.port.set(key, "old", 60_000);
      await subject.port.set(key, "new", 60_000);

      expect(await subject.port.get(key)).toBe("new");
    });

    test("what was deleted, or never there, is not found", async () => {
      const key = newKey();
      await subject.port.set(key, "value", 60_000);

      await subject.port.delete(key);
      await subject.port.delete(key);

      expect(await subject.port.get(key)).toBeNull();
    });

    test("a value above the limit is refused", async () => {
      const large = "x".repeat(CACHE_VALUE_MAX_BYTES + 1);

      expect(subject.port.set(newKey(), large, 1_000)).rejects.toThrow(RangeError);
    });
  });
}
