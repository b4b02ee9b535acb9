import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { asDrapeError, DrapeError, ERRORS } from "../core/model/errors.ts";
import type { Log } from "../core/ports/log.ts";
import type { ApiEnv } from "./context.ts";

/** Any error as `application/problem+json` (RFC 9457). What is unknown says nothing of its inside. */
export function problem(c: Context<ApiEnv>, thrown: unknown, log: Log): Response {
  const error = fromHttp(thrown) ?? asDrapeError(thrown);
  const requestId = c.get("requestId");
  const { status, title, retryable } = ERRORS[error.code];
  if (status >= 500) {
    log.failure("request failed", error.cause ?? error, { requestId, code: error.code });
  }
  const headers: Record<string, string> = {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
  };
  if (status === 429 || status === 503) {
    headers["retry-after"] = String(Math.max(1, Math.ceil((error.retryAfterMs ?? 5_000) / 1000)));
  }
  if (status === 401) headers["www-authenticate"] = 'Bearer realm="drape"';
  const body = {
    type: `urn:drape:error:${error.code.toLowerCase().replaceAll("_", "-")}`,
    title,
    status,
    detail: error.message,
    instance: c.req.path,
    code: error.code,
    requestId,
    retryable,
    ...error.details,
  };
  return c.body(JSON.stringify(body), status as ContentfulStatusCode, headers);
}

/** Hono's own refusals, in our words. */
function fromHttp(thrown: unknown): DrapeError | null {
  if (!(thrown instanceof HTTPException)) return null;
  if (thrown.status === 413) {
    return new DrapeError("PAYLOAD_TOO_LARGE", "The request body is larger than this route takes.");
  }
  return new DrapeError("MALFORMED_REQUEST", "The request body is not valid JSON.");
}
