import { expect, test } from "bun:test";
import { silentLog } from "../../tests/silent-log.ts";
import { DrapeError } from "../model/errors.ts";
import { createFunctionPauses } from "./function-pauses.ts";
import { systemClock } from "../../runtime/system-clock.ts";

const NAME = "image-generator";

/** Two processes over one table, by one clock that is moved by hand; the first one's own is wrong by `skewMs`. */
function twoProcesses(skewMs = 0) {
  let nowMs = 1_000_000;
  const rows = new Map<string, string | null>();
  const store = {
    settings: {
      get: async (name: string) => rows.get(name) ?? null,
      put: async (name: string, value: string | null) => void rows.set(name, value),
    },
    nowMs: async () => nowMs,
  };
  const open = (wrongByMs: number) => {
    const clock = { ...systemClock, nowMs: () => nowMs + wrongByMs, monotonicMs: () => nowMs };
    const settings = { circuits: { pauseProbeMs: 30_000 } };
    return createFunctionPauses({ store, clock, log: silentLog, settings });
  };
  return { first: open(skewMs), second: open(0), pass: (ms: number) => void (nowMs += ms) };
}

const codeOf = (work: Promise<void>) =>
  work.then(
    () => "may call",
    (error: unknown) => (error instanceof DrapeError ? error.code : String(error)),
  );
const unpaid = new DrapeError("FUNCTION_UNPAID", "the account is not paid", { ran: "no" });

test("a paused function is tried by one call in its time, whichever process that is", async () => {
  const { first, second, pass } = twoProcesses();
  await first.pause(NAME, unpaid);
  const atOnce = [await codeOf(first.check(NAME)), await codeOf(second.check(NAME))];
  pass(30_000);

  const due: string[] = [];
  for (const process of [second, first, second]) due.push(await codeOf(process.check(NAME)));

  expect(atOnce).toEqual(["FUNCTION_PAUSED", "FUNCTION_PAUSED"]);
  expect(due).toEqual(["may call", "FUNCTION_PAUSED", "FUNCTION_PAUSED"]);
});

test("a call that worked ends the pause for all, and a pause is noticed within two seconds", async () => {
  const { first, second, pass } = twoProcesses();
  await first.check(NAME);
  await second.pause(NAME, unpaid);
  const unnoticed = await codeOf(first.check(NAME));
  pass(2_000);
  const noticed = await codeOf(first.check(NAME));

  await second.clear(NAME);

  expect([unnoticed, noticed]).toEqual(["may call", "FUNCTION_PAUSED"]);
  const { [NAME]: noted } = await first.findAll();
  expect([await codeOf(first.check(NAME)), noted]).toEqual(["may call", null]);
});

test.each([600_000, -600_000])(
  "a process whose clock is wrong by %d ms pauses nobody for longer or shorter",
  async (skewMs) => {
    const { first, second, pass } = twoProcesses(skewMs);
    await first.pause(NAME, unpaid);

    pass(29_999);
    const before = [await codeOf(first.check(NAME)), await codeOf(second.check(NAME))];
    pass(1);
    const due = await codeOf(second.check(NAME));

    expect(before).toEqual(["FUNCTION_PAUSED", "FUNCTION_PAUSED"]);
    expect(due).toBe("may call");
  },
);
