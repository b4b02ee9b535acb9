import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { asDrapeError, DrapeError, ERRORS, type ErrorCode } from "../core/model/errors.ts";
import type { Log } from "../core/ports/log.ts";
import type { ApiEnv } from "./context.ts";

/** Any error as `application/problem+json` (RFC 9457). What is unknown says nothing of its inside. */
export function problem(c: Context<ApiEnv>, thrown: unknown, log: Log): Response {
  const error = fromHttp(thrown) ?? asDrapeError(thrown);
  const requestId = c.get("requestId");
  const { status, title, retryable } = ERRORS[error.code];
  if (status >= 500) {
    const { code, operatorMessage } = error;
    log.failure("request failed", error.cause ?? error, { requestId, code, operatorMessage });
  }
  const headers: Record<string, string> = {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
  };
  if (status === 429 || status === 503) {
    headers["retry-after"] = String(Math.max(1, Math.ceil((error.retryAfterMs ?? 5_000) / 1000)));
  }
  if (status === 401) {
    const reason = error.code === "TOKEN_EXPIRED" ? ', error="invalid_token"' : "";
    headers["www-authenticate"] = `Bearer realm="drape"${reason}`;
  }
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

/** What the framework refuses, by its status: the codes of our table that a request itself can earn. */
const HTTP_REFUSALS: Readonly<Record<number, readonly [code: ErrorCode, message: string]>> = {
  400: ["MALFORMED_REQUEST", "The request body is not valid JSON."],
  401: ["UNAUTHENTICATED", "Sign in first."],
  403: ["FORBIDDEN", "This is not allowed."],
  404: ["NOT_FOUND", "There is nothing at this address."],
  405: ["METHOD_NOT_ALLOWED", "The address does not know this method."],
  413: ["PAYLOAD_TOO_LARGE", "The request body is larger than this route takes."],
  415: ["UNSUPPORTED_MEDIA_TYPE", "Send JSON: Content-Type: application/json."],
  422: ["VALIDATION_FAILED", "The request has invalid fields."],
  429: ["RATE_LIMITED", "Too many requests."],
  503: ["UNAVAILABLE", "This is not available for now."],
};

function fromHttp(thrown: unknown): DrapeError | null {
  if (!(thrown instanceof HTTPException)) return null;
  const refusal = HTTP_REFUSALS[thrown.status];
  // Another status of the client's side says no more than that the request cannot be served as it is.
  if (refusal === undefined && thrown.status < 500) {
    return new DrapeError("MALFORMED_REQUEST", "The request cannot be read.", { cause: thrown });
  }
  if (refusal === undefined) return null;
  const [code, message] = refusal;
  return new DrapeError(code, message, { cause: thrown });
}
