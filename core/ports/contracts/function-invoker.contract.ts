import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { DrapeError } from "../../model/errors.ts";
import type { FunctionName } from "../../model/functions.ts";
import type { FunctionInvoker } from "../cloud.ts";

/**
 * What a subject must have deployed as "prompt-generator": CommonJS source of a function that does as its
 * event says. `count` tells how many calls this instance has served.
 */
export const CONTRACT_FUNCTION = `
const fs = require("node:fs");
let calls = 0;
exports.main_handler = async (event, context) => {
  calls += 1;
  switch (event.do) {
    case "echo": return { value: event.value };
    case "count": return { calls, pid: process.pid };
    case "context": return context;
    case "env": return { env: process.env, cwd: process.cwd() };
    case "scratch": fs.writeFileSync(process.env.TMPDIR + "/x", "1"); return { dir: process.env.TMPDIR };
    case "print": console.log(event.value); return {};
    case "throw": throw new Error(event.value);
    case "fill": return "x".repeat(event.bytes);
    case "nothing": return undefined;
    case "loop": for (;;);
    case "wait": return await new Promise((resolve) => setTimeout(resolve, event.ms, { waited: event.ms }));
    case "exit": process.exit(3);
    case "hog": { const held = []; for (;;) { held.push(Buffer.alloc(16e6, 1)); await new Promise(setImmediate); } }
    case "spawn": {
      const child = require("node:child_process").spawn("sleep", ["600"], { stdio: "ignore" });
      return { pid: process.pid, childPid: child.pid };
    }
  }
  throw new Error("unknown: " + event.do);
};
`;

export type InvokerSubject = {
  readonly invoker: FunctionInvoker;
  /** Takes a function away from the platform. */
  undeploy(name: FunctionName): Promise<void>;
  close(): Promise<void>;
};

const NAME = "prompt-generator";
const MISSING = "image-generator";
const SIX_MB = 6 * 1024 * 1024;

/** The promises of `FunctionInvoker` that hold for every adapter. */
export function functionInvokerContract(
  name: string,
  makeSubject: () => Promise<InvokerSubject>,
): void {
  describe(`FunctionInvoker on ${name}`, () => {
    let subject: InvokerSubject;
    beforeAll(async () => {
      subject = await makeSubject();
      await subject.undeploy(MISSING);
    });
    afterAll(() => subject.close());

    const call = (event: unknown, signal = AbortSignal.timeout(60_000)): Promise<unknown> =>
      subject.invoker.call(NAME, event, signal);

    test("a call resolves to the parsed return value", async () => {
      const value = { text: "红色连衣裙 <&>\"'", numbers: [1, 2.5, -3], nothing: null };

      const answer = await call({ do: "echo", value });

      expect(answer).toEqual({ value });
    });

    test("the time that the platform bills is told, also of a call that failed", async () => {
      const billed: number[] = [];
      const signal = AbortSignal.timeout(60_000);
      const callAndHear = (event: unknown) =>
        subject.invoker.call(NAME, event, signal, (ms) => billed.push(ms));

      await callAndHear({ do: "wait", ms: 120 });
      await failureOf(callAndHear({ do: "throw", value: "late" }));

      const [waited = 0, failed = 0] = billed;
      expect(billed).toHaveLength(2);
      expect(waited).toBeGreaterThanOrEqual(120);
      expect(failed).toBeGreaterThan(0);
    });

    test("a large event and a large answer pass below 6 MB", async () => {
      const value = '"'.repeat(2_900_000);

      const answer = await call({ do: "echo", value });

      expect(answer).toEqual({ value });
    });

    test("a function that throws has run and failed", async () => {
      const error = await failureOf(call({ do: "throw", value: "no thread left" }));

      expect(error.code).toBe("FUNCTION_FAILED");
      expect(error.ran).toBe("yes");
      expect(error.message).toContain(NAME);
      expect(error.message).not.toContain("thread");
      expect(error.operatorMessage).toContain("no thread left");
    });

    test("an event above 6 MB is refused and does not run", async () => {
      const error = await failureOf(call({ do: "echo", value: "x".repeat(SIX_MB) }));

      expect(error.code).toBe("FUNCTION_REQUEST_REFUSED");
      expect(error.ran).toBe("no");
    });

    test("an answer above 6 MB is invalid, and the function has run", async () => {
      const error = await failureOf(call({ do: "fill", bytes: SIX_MB }));

      expect(error.code).toBe("FUNCTION_ANSWER_INVALID");
      expect(error.ran).toBe("yes");
    });

    test("a function that returns nothing gave an invalid answer", async () => {
      const error = await failureOf(call({ do: "nothing" }));

      expect(error.code).toBe("FUNCTION_ANSWER_INVALID");
      expect(error.ran).toBe("yes");
    });

    test("a signal that ends the wait leaves unknown whether it ran", async () => {
      const error = await failureOf(call({ do: "wait", ms: 1_000 }, AbortSignal.timeout(200)));

      expect(error.code).toBe("FUNCTION_TIMEOUT");
      expect(error.ran).toBe("unknown");
    });

    test("a signal that had ended before sends nothing", async () => {
      const error = await failureOf(call({ do: "count" }, AbortSignal.abort()));

      expect(error.code).toBe("FUNCTION_TIMEOUT");
      expect(error.ran).toBe("no");
    });

    test("the reason of an abort is given back when it is a DrapeError", async () => {
      const reason = new DrapeError("TASK_CANCELED", "The task was canceled.");
      const controller = new AbortController();
      const waiting = failureOf(call({ do: "wait", ms: 1_000 }, controller.signal));
      controller.abort(reason);

      expect(await waiting).toBe(reason);
      expect(await failureOf(call({ do: "count" }, AbortSignal.abort(reason)))).toBe(reason);
    });

    test("a function that is not deployed is missing", async () => {
      const signal = AbortSignal.timeout(60_000);

      const error = await failureOf(subject.invoker.call(MISSING, {}, signal));

      expect(error.code).toBe("FUNCTION_MISSING");
      expect(error.ran).toBe("no");
      expect(error.operatorMessage).toContain(MISSING);
    });

    test("a description tells what is deployed without running it", async () => {
      const signal = AbortSignal.timeout(60_000);

      const deployed = await subject.invoker.describe(NAME, signal);
      const missing = await subject.invoker.describe(MISSING, signal);

      expect(deployed).toEqual({ deployed: true, active: true, detail: "Active" });
      expect(missing).toEqual({ deployed: false, active: false, detail: "ResourceNotFound" });
    });
  });
}

async function failureOf(work: Promise<unknown>): Promise<DrapeError> {
  const thrown = await work.then(
    () => new Error("it did not fail"),
    (error: unknown) => error,
  );
  if (thrown instanceof DrapeError) return thrown;
  throw thrown;
}
