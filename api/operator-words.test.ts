import { describe, expect, test } from "bun:test";
import { Hono } from "hono";
import { DrapeError, ERRORS, type ErrorCode } from "../core/model/errors.ts";
import { createLog } from "../core/resilience/log.ts";
import type { ApiEnv } from "./context.ts";
import { problem } from "./errors.ts";

const CODES = Object.keys(ERRORS) as ErrorCode[]; // its own keys, and no others

describe("what an operator is to read", () => {
  test("is in no problem document of any code, while its log has it", async () => {
    for (const code of CODES) {
      const lines: string[] = [];
      const write = (line: string) => void lines.push(line);
      const log = createLog({ format: "json", level: "all", write, nowMs: () => 0 });
      const thrown = new DrapeError(code, "For the customer.", {
        operatorMessage: "CANARY-operator: look at TENCENTCLOUD_SECRET_ID",
        cause: new Error("CANARY-cause"),
      });
      const app = new Hono<ApiEnv>()
        .get("/", () => Promise.reject(thrown))
        .onError((error, c) => problem(c, error, log));

      const answer = await app.request("/");
      const said = `${await answer.text()} ${JSON.stringify([...answer.headers])}`;

      expect([code, said]).toEqual([code, expect.not.stringContaining("CANARY")]);
      expect(said).toContain("For the customer.");
      if (ERRORS[code].status >= 500) expect(lines.join()).toContain("CANARY-operator");
    }
  });

  test("is not in the answer to an error that nobody knows", async () => {
    const app = new Hono<ApiEnv>()
      .get("/", () => Promise.reject(new Error("CANARY /home/drape/api.ts select * from users")))
      .onError((error, c) =>
        problem(
          c,
          error,
          createLog({ format: "json", level: "quiet", write: () => {}, nowMs: () => 0 }),
        ),
      );

    const text = await (await app.request("/")).text();

    expect(text).toContain("INTERNAL");
    expect(text).not.toContain("CANARY");
  });
});
