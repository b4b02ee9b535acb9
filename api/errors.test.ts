import { expect, test } from "bun:test";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { silentLog } from "../tests/silent-log.ts";
import type { ApiEnv } from "./context.ts";
import { problem } from "./errors.ts";

test.each([
  [400, 400, "MALFORMED_REQUEST"],
  [401, 401, "UNAUTHENTICATED"],
  [403, 403, "FORBIDDEN"],
  [404, 404, "NOT_FOUND"],
  [405, 405, "METHOD_NOT_ALLOWED"],
  [413, 413, "PAYLOAD_TOO_LARGE"],
  [415, 415, "UNSUPPORTED_MEDIA_TYPE"],
  [418, 400, "MALFORMED_REQUEST"],
  [422, 422, "VALIDATION_FAILED"],
  [429, 429, "RATE_LIMITED"],
  [500, 500, "INTERNAL"],
  [503, 503, "UNAVAILABLE"],
] as const)("the framework's %i is told as %i %s", async (thrown, status, code) => {
  const app = new Hono<ApiEnv>()
    .get("/", () => {
      throw new HTTPException(thrown, { message: "inside words" });
    })
    .onError((error, c) => problem(c, error, silentLog));

  const answer = await app.request("/");
  const body = (await answer.json()) as { code: string; detail: string }; // our own problem document

  expect([answer.status, body.code]).toEqual([status, code]);
  expect(body.detail).not.toContain("inside words");
});
