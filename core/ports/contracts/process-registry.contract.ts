import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { freshId } from "../../model/ids.fixture.ts";
import type { TimedSubject } from "./cache.contract.ts";
import { REGISTRY_LIMITS, type ProcessRegistry } from "../process-registry.ts";

const MINUTE_MS = 60_000;

/** What every ProcessRegistry promises. */
export function processRegistryContract(
  name: string,
  open: () => Promise<TimedSubject<ProcessRegistry>>,
): void {
  describe(`ProcessRegistry on ${name}`, () => {
    let subject: TimedSubject<ProcessRegistry>;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.close());
    const newTopic = () => freshId("req");

    test("what processes said is read in their order, each with its newest word", async () => {
      const topic = newTopic();

      await subject.port.post(topic, "b", "开 open", MINUTE_MS);
      await subject.port.post(topic, "a", "closed", MINUTE_MS);
      await subject.port.post(topic, "b", "half-open", MINUTE_MS);

      expect(await subject.port.read(topic)).toEqual([
        { processId: "a", value: "closed" },
        { processId: "b", value: "half-open" },
      ]);
    });

    test("a process that posts no more is forgotten when its word's life ends", async () => {
      const topic = newTopic();
      await subject.port.post(topic, "dead", "open", MINUTE_MS);
      await subject.advance(MINUTE_MS / 2);
      await subject.port.post(topic, "alive", "closed", MINUTE_MS);

      const before = await subject.port.read(topic);
      await subject.advance(MINUTE_MS / 2 + 1);

      expect(before.map(({ processId }) => processId)).toEqual(["alive", "dead"]);
      expect(await subject.port.read(topic)).toEqual([{ processId: "alive", value: "closed" }]);
    });

    test("one topic is not another, and nobody there gives none", async () => {
      const topic = newTopic();
      await subject.port.post(topic, "a", "closed", MINUTE_MS);

      expect(await subject.port.read(newTopic())).toEqual([]);
    });

    test("of too many processes those that end first are dropped", async () => {
      const topic = newTopic();
      await subject.port.post(topic, "ends-first", "x", MINUTE_MS);
      const names = Array.from({ length: REGISTRY_LIMITS.processesMax }, (_, index) => `m${index}`);

      await Promise.all(
        names.map((processId) => subject.port.post(topic, processId, "x", 2 * MINUTE_MS)),
      );

      const processes = (await subject.port.read(topic)).map(({ processId }) => processId);
      expect(processes).toHaveLength(REGISTRY_LIMITS.processesMax);
      expect(processes).not.toContain("ends-first");
    });

    test("a value above the limit is refused", async () => {
      const large = "x".repeat(REGISTRY_LIMITS.valueMaxBytes + 1);

      expect(subject.port.post(newTopic(), "a", large, MINUTE_MS)).rejects.toThrow(RangeError);
    });
  });
}
