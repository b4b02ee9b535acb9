import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { asDrapeError, DrapeError } from "../core/model/errors.ts";
import { newId } from "../core/model/ids.ts";
import type { User } from "../core/ports/user-store.ts";
import type { RatePolicy, RateVerdict } from "../core/ports/rate-limiter.ts";
import type { ApiDeps, ApiEnv } from "./context.ts";
import { clientAddressOf, countedAddress } from "./sign-in/client-address.ts";
import { accountGone, readToken, unauthenticated } from "./sign-in/tokens.ts";

/**
 * One wide log line a request (none for a health probe that went well), its id in and out, and the headers that every
 * answer carries.
 */
export function requestFrame(deps: Pick<ApiDeps, "clock" | "random" | "log" | "trustedProxies">) {
  return createMiddleware<ApiEnv>(async function frameRequest(c, next) {
    const given = c.req.header("x-request-id") ?? "";
    const requestId = /^[\w.-]{1,64}$/.test(given)
      ? given
      : newId("req", deps.clock.nowMs(), deps.random);
    c.set("requestId", requestId);
    const forwardedFor = c.req.header("x-forwarded-for");
    const address = clientAddressOf({ socket: c.env?.clientIp, forwardedFor }, deps.trustedProxies);
    c.set("address", countedAddress(address));
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
      address,
      status: c.res.status,
      ms: Math.round(deps.clock.monotonicMs() - startedMs),
    });
  });
}

type AuthenticateDeps = Pick<ApiDeps, "clock" | "jwtSecret"> & {
  readonly findUser: (id: string) => Promise<User | null>;
};

/**
 * 401 before the body is read. Only the scheme Bearer, only from the header; and not for a user who is gone, whatever
 * their token says. While the database is away it cannot be known, and the routes say what they can do without it.
 */
export function authenticate(deps: AuthenticateDeps) {
  return createMiddleware<ApiEnv>(async function checkToken(c, next) {
    const token = /^Bearer ([\w.-]+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    if (token === undefined) throw unauthenticated();
    const actor = readToken(deps.jwtSecret, token, deps.clock.nowMs());
    const user = await deps.findUser(actor.userId).catch((error: unknown) => {
      if (asDrapeError(error).code !== "UNAVAILABLE") throw error;
    });
    if (user === null) throw accountGone();
    c.set("actor", actor);
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
 * Counts by customer; before sign-in by the client's address (`TRUSTED_PROXIES`). While the limiter is away everybody
 * may go on: nothing that a customer does may depend on Redis.
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
  return actor?.userId ?? c.get("address");
}

/** Until when the quota is whole again; of a refused request the same time as its Retry-After. */
function rateLimitHeader(name: string, verdict: RateVerdict): string {
  const secondsMs = verdict.allowed ? verdict.resetMs : Math.max(1_000, verdict.retryAfterMs);
  return `"${name}";r=${verdict.remaining};t=${Math.ceil(secondsMs / 1000)}`;
}
