import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { freshId } from "../../model/ids.fixture.ts";
import type { TimedSubject } from "./cache.contract.ts";
import { ROSTER_LIMITS, type Roster } from "../process-registry.ts";

const MINUTE_MS = 60_000;

/** What every Roster promises. */
export function rosterContract(name: string, open: () => Promise<TimedSubject<Roster>>): void {
  describe(`Roster on ${name}`, () => {
    let subject: TimedSubject<Roster>;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.close());
    const newTopic = () => freshId("req");

    test("what members said is read in their order, each with its newest word", async () => {
      const topic = newTopic();

      await subject.port.post(topic, "b", "开 open", MINUTE_MS);
      await subject.port.post(topic, "a", "closed", MINUTE_MS);
      await subject.port.post(topic, "b", "half-open", MINUTE_MS);

      expect(await subject.port.read(topic)).toEqual([
        { member: "a", value: "closed" },
        { member: "b", value: "half-open" },
      ]);
    });

    test("a member that posts no more is forgotten when its word's life ends", async () => {
      const topic = newTopic();
      await subject.port.post(topic, "dead", "open", MINUTE_MS);
      await subject.advance(MINUTE_MS / 2);
      await subject.port.post(topic, "alive", "closed", MINUTE_MS);

      const before = await subject.port.read(topic);
      await subject.advance(MINUTE_MS / 2 + 1);

      expect(before.map(({ member }) => member)).toEqual(["alive", "dead"]);
      expect(await subject.port.read(topic)).toEqual([{ member: "alive", value: "closed" }]);
    });

    test("one topic is not another, and nobody there gives none", async () => {
      const topic = newTopic();
      await subject.port.post(topic, "a", "closed", MINUTE_MS);

      expect(await subject.port.read(newTopic())).toEqual([]);
    });

    test("of too many members those that end first are dropped", async () => {
      const topic = newTopic();
      await subject.port.post(topic, "ends-first", "x", MINUTE_MS);
      const names = Array.from({ length: ROSTER_LIMITS.membersMax }, (_, index) => `m${index}`);

      await Promise.all(
        names.map((member) => subject.port.post(topic, member, "x", 2 * MINUTE_MS)),
      );

      const members = (await subject.port.read(topic)).map(({ member }) => member);
      expect(members).toHaveLength(ROSTER_LIMITS.membersMax);
      expect(members).not.toContain("ends-first");
    });

    test("a value above the limit is refused", async () => {
      const large = "x".repeat(ROSTER_LIMITS.valueMaxBytes + 1);

      expect(subject.port.post(newTopic(), "a", large, MINUTE_MS)).rejects.toThrow(RangeError);
    });
  });
}
