import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { freshId } from "../../model/ids.fixture.ts";
import { NOTIFICATION_MAX_BYTES, type Broadcast } from "../broadcast.ts";

export type BroadcastSubject = {
  readonly broadcast: Broadcast;
  /** As another process has it; the same for an adapter that knows one process only. */
  readonly others: Broadcast;
  close(): Promise<void>;
};

/** What every Broadcast promises. */
export function broadcastContract(name: string, open: () => Promise<BroadcastSubject>): void {
  describe(`Broadcast on ${name}`, () => {
    let subject: BroadcastSubject;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.close());
    const newTopic = () => freshId("req");

    test("every subscriber of every process hears a notification once, in order", async () => {
      const topic = newTopic();
      const heard: string[][] = [[], []];
      subject.broadcast.subscribe(topic, (text) => heard[0]?.push(text));
      subject.others.subscribe(topic, (text) => heard[1]?.push(text));

      await subject.broadcast.publish(topic, "海滩 beach");
      await subject.broadcast.publish(topic, "street");

      await until(() => heard.every((texts) => texts.length >= 2));
      expect(heard).toEqual([
        ["海滩 beach", "street"],
        ["海滩 beach", "street"],
      ]);
    });

    test("other topics, and those who have left, hear nothing", async () => {
      const topic = newTopic();
      const heard: string[] = [];
      subject.others.subscribe(newTopic(), () => heard.push("another topic"));
      const leave = subject.others.subscribe(topic, () => heard.push("has left"));
      leave();
      subject.others.subscribe(topic, () => heard.push("is here"));

      await subject.broadcast.publish(topic, "changed");

      await until(() => heard.includes("is here"));
      expect(heard).toEqual(["is here"]);
    });

    test("a handler that throws keeps nobody else from hearing", async () => {
      const topic = newTopic();
      const heard: string[] = [];
      subject.broadcast.subscribe(topic, () => {
        throw new Error("this one fails");
      });
      subject.broadcast.subscribe(topic, (text) => heard.push(text));

      await subject.broadcast.publish(topic, "one");
      await subject.broadcast.publish(topic, "two");

      await until(() => heard.length === 2);
      expect(heard).toEqual(["one", "two"]);
    });

    test("a text above the limit is refused", async () => {
      const large = "x".repeat(NOTIFICATION_MAX_BYTES + 1);

      expect(subject.broadcast.publish(newTopic(), large)).rejects.toThrow(RangeError);
    });
  });
}

const WAIT_MAX_MS = 5_000;

async function until(condition: () => boolean): Promise<void> {
  const endsMs = Date.now() + WAIT_MAX_MS;
  while (!condition()) {
    if (Date.now() > endsMs) throw new Error("the condition did not come true in time");
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
