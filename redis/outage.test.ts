import { describe, expect, test } from "bun:test";
import { createLog } from "../core/resilience/log.ts";
import { silentLog } from "../tests/silent-log.ts";
import { Outage } from "./outage.ts";

describe("an outage", () => {
  test("is told once, and its end once, when nothing has failed for a while", async () => {
    const logged: string[] = [];
    let nowMs = 60_000;
    const outage = new Outage(
      createLog({
        format: "json",
        level: "all",
        write: (line) => logged.push(line),
        nowMs: () => 0,
      }),
      { monotonicMs: () => nowMs },
    );
    const full = () => outage.attempt(() => Promise.reject(new Error("MISCONF")));
    const read = () => outage.attempt(() => Promise.resolve("value"));
    const marks = () => logged.map((line) => /away|back/.exec(line)?.[0]);

    await read();
    const refused = await Promise.allSettled([full(), full()]);
    await read();
    const during = marks();
    nowMs += 6_000;
    await read();
    await read();

    const refusal = { reason: { code: "UNAVAILABLE" } };
    expect(refused).toMatchObject([refusal, refusal]);
    expect(during).toEqual(["away"]);
    expect(marks()).toEqual(["away", "back"]);
  });

  test("is not asked by those who can do without, but for one look a second, until it is over", async () => {
    let nowMs = 60_000;
    let sent = 0;
    const outage = new Outage(silentLog, { monotonicMs: () => nowMs });
    const work = async () => {
      sent += 1;
      if (nowMs < 62_000) throw new Error("no answer");
      return "PONG";
    };
    const attemptThrice = async () => {
      const answers: string[] = [];
      for (let i = 0; i < 3; i += 1) answers.push(await outage.attemptOr(work, () => "without"));
      return answers;
    };
    const attempts: number[] = [];
    const answers: string[][] = [];

    for (const atMs of [60_000, 60_999, 61_000, 62_000, 68_000]) {
      nowMs = atMs;
      answers.push(await attemptThrice());
      attempts.push(sent);
    }

    // The first one finds out; then nobody until a second is over; then one; then one, who is answered; then all.
    expect(attempts).toEqual([1, 1, 2, 3, 6]);
    expect(answers.at(1)).toEqual(["without", "without", "without"]);
    expect(answers.at(3)).toEqual(["PONG", "without", "without"]);
    expect(answers.at(4)).toEqual(["PONG", "PONG", "PONG"]);
  });
});
