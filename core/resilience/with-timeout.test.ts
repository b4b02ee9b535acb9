import { expect, test } from "bun:test";
import { withTimeout } from "./with-timeout.ts";

/** A clock whose sleep ends when told, or by its signal. */
function handClock() {
  const sleeps: { ms: number; resume: () => void; signal: AbortSignal }[] = [];
  const sleep = (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("stopped")));
      sleeps.push({ ms, resume: resolve, signal });
    });
  return { clock: { sleep }, sleeps };
}

const never = new Promise<never>(() => undefined);

test("work in time gives its answer, and its clock is stopped", async () => {
  const { clock, sleeps } = handClock();

  const answer = await withTimeout(clock, 50, Promise.resolve("done"), () => "late");

  expect(answer).toBe("done");
  expect(sleeps.map(({ ms, signal }) => [ms, signal.aborted])).toEqual([[50, true]]);
});

test("work in time throws what it throws", async () => {
  const { clock } = handClock();

  const error: unknown = await withTimeout(
    clock,
    50,
    Promise.reject(new Error("broken")),
    () => "late",
  ).catch((thrown: unknown) => thrown);

  expect(error).toMatchObject({ message: "broken" });
});

test("work that is late is left, with what the caller says or throws", async () => {
  const { clock, sleeps } = handClock();
  const said = withTimeout(clock, 50, never, () => "late");
  const thrown = withTimeout(clock, 50, never, () => {
    throw new Error("too late");
  });

  for (const { resume } of sleeps) resume();

  expect(await said).toBe("late");
  expect(await thrown.catch((error: unknown) => error)).toMatchObject({ message: "too late" });
});
