import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { bodyLimit } from "hono/body-limit";
import { DrapeError } from "../core/model/errors.ts";
import { newId } from "../core/model/ids.ts";
import type { RatePolicy, RateVerdict } from "../core/ports/rate-limiter.ts";
import type { ApiDeps, ApiEnv } from "./context.ts";
import { readToken, unauthenticated } from "./tokens.ts";

/**
 * One wide log line a request (none for a health probe that went well), its id in and out, and the headers that every
 * answer carries.
 */
export function requestFrame(deps: Pick<ApiDeps, "clock" | "random" | "log">) {
  return createMiddleware<ApiEnv>(async function frameRequest(c, next) {
    const given = c.req.header("x-request-id") ?? "";
    const requestId = /^[\w.-]{1,64}$/.test(given)
      ? given
      : newId("req", deps.clock.nowMs(), deps.random);
    c.set("requestId", requestId);
    const startedMs = deps.clock.monotonicMs();
    await next();
    c.header("X-Request-Id", requestId);
    c.header("X-Content-Type-Options", "nosniff");
    c.header("Referrer-Policy", "no-referrer");
    if (!c.res.headers.has("Cache-Control")) c.header("Cache-Control", "no-store");
    if (c.req.path.startsWith("/health") && c.res.ok) return;
    deps.log.info("request", {
      requestId,
      method: c.req.method,
      path: c.req.path,
      status: c.res.status,
      ms: Math.round(deps.clock.monotonicMs() - startedMs),
    });
  });
}

/** 401 before the body is read. Only the scheme Bearer, only from the header. */
export function authenticate(deps: Pick<ApiDeps, "clock" | "jwtSecret">) {
  return createMiddleware<ApiEnv>(async function checkToken(c, next) {
    const token = /^Bearer ([\w.-]+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    if (token === undefined) throw unauthenticated();
    c.set("actor", readToken(deps.jwtSecret, token, deps.clock.nowMs()));
    await next();
  });
}

/** For administrators: by the token, and by the user's row, since a role that was taken away shall not outlive it. */
export function requireAdmin(deps: Pick<ApiDeps, "store">) {
  return createMiddleware<ApiEnv>(async function checkRole(c, next) {
    const { userId, role } = c.get("actor");
    const user = role === "admin" ? await deps.store.users.find(userId) : null;
    if (user?.role !== "admin") {
      throw new DrapeError("FORBIDDEN", "This is for administrators.");
    }
    await next();
  });
}

/** What one customer may send, and send at once. */
export const burstOf = ({ settings }: Pick<ApiDeps, "settings">): RatePolicy => ({
  limit: settings.limits.requestsPerMinute,
  windowMs: 60_000,
});
export const SIGN_IN: RatePolicy = { limit: 20, windowMs: 60_000 };

/**
 * Counts by customer; before sign-in by the address of the connection. While the limiter is away everybody may go on:
 * nothing that a customer does may depend on Redis.
 */
export function rateLimit(deps: Pick<ApiDeps, "rateLimiter">, name: string, policy: RatePolicy) {
  const uncounted = { allowed: true, remaining: policy.limit, retryAfterMs: 0, resetMs: 0 };
  return createMiddleware<ApiEnv>(async function countRequest(c, next) {
    const key = `${name}:${callerOf(c)}`;
    const verdict = await deps.rateLimiter.take(key, policy).catch((): RateVerdict => uncounted);
    c.header("RateLimit-Policy", `"${name}";q=${policy.limit};w=${policy.windowMs / 1000}`);
    c.header("RateLimit", rateLimitHeader(name, verdict));
    if (!verdict.allowed) {
      throw new DrapeError("RATE_LIMITED", "Too many requests: wait as long as Retry-After says.", {
        retryAfterMs: verdict.retryAfterMs,
      });
    }
    await next();
  });
}

function callerOf(c: Context<ApiEnv>): string {
  const actor = c.get("actor") as ApiEnv["Variables"]["actor"] | undefined;
  return actor?.userId ?? c.env?.clientIp ?? "unknown";
}

function rateLimitHeader(name: string, verdict: RateVerdict): string {
  return `"${name}";r=${verdict.remaining};t=${Math.ceil(verdict.resetMs / 1000)}`;
}

const MEGABYTE = 1_000_000;
/** Routes that take pictures in the body, and all others. */
export const imageBody = limitBody(8 * MEGABYTE);
export const smallBody = limitBody(MEGABYTE);

function limitBody(maxSize: number) {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw new DrapeError(
        "PAYLOAD_TOO_LARGE",
        `The body may have ${maxSize / MEGABYTE} MB: upload photos first (POST /api/v1/uploads) and send their URLs.`,
      );
    },
  });
}
