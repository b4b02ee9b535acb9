import { createMiddleware } from "hono/factory";
import type { ApiEnv, CorsOrigins } from "./context.ts";

const PUBLIC_PATHS = /^\/(?:api\/v1\/(?:scenes|prices)|health(?:\/[a-z]+)?)$/;

const ALLOWED_METHODS = "GET, HEAD, POST, PUT, DELETE";
const ALLOWED_HEADERS = [
  "Authorization",
  "Content-Type",
  "Idempotency-Key",
  "If-None-Match",
  "Last-Event-ID",
  "Prefer",
  "X-Request-Id",
].join(", ");
const EXPOSED_HEADERS = [
  "Location",
  "Retry-After",
  "ETag",
  "Link",
  "RateLimit",
  "RateLimit-Policy",
  "X-Request-Id",
  "Idempotent-Replayed",
  "Preference-Applied",
].join(", ");
const PREFLIGHT_LIFE_S = 7_200;

/**
 * CORS (the Fetch standard): what a browser asks for before a page of another origin may call, answered before sign-in
 * and rate limits; and the headers without which the page does not see an answer, on errors and streams as well. What is
 * public may be read by any page. Cookies are never allowed: who calls proves itself by its token.
 */
export function cors(origins: CorsOrigins) {
  return createMiddleware<ApiEnv>(async function answerCors(c, next) {
    const origin = c.req.header("origin");
    const isPublic = PUBLIC_PATHS.test(c.req.path);
    const allowed = isPublic ? "*" : origin !== undefined && isAllowed(origin, origins) && origin;
    if (isPreflight(c.req.raw)) {
      const headers = new Headers(isPublic ? {} : { Vary: "Origin" });
      if (allowed !== false) {
        headers.set("Access-Control-Allow-Origin", allowed);
        headers.set("Access-Control-Allow-Methods", ALLOWED_METHODS);
        headers.set("Access-Control-Allow-Headers", ALLOWED_HEADERS);
        headers.set("Access-Control-Max-Age", String(PREFLIGHT_LIFE_S));
      }
      return new Response(null, { status: 204, headers });
    }
    await next();
    if (!isPublic) c.header("Vary", "Origin", { append: true });
    if (allowed === false) return;
    c.header("Access-Control-Allow-Origin", allowed);
    c.header("Access-Control-Expose-Headers", EXPOSED_HEADERS);
  });
}

function isPreflight({ method, headers }: Request): boolean {
  return (
    method === "OPTIONS" && headers.has("origin") && headers.has("access-control-request-method")
  );
}

function isAllowed(origin: string, origins: CorsOrigins): boolean {
  return origins === "loopback" ? isLoopback(origin) : origins.includes(origin);
}

function isLoopback(origin: string): boolean {
  const url = URL.parse(origin);
  if (url === null || url.origin !== origin || !/^https?:$/.test(url.protocol)) return false;
  return /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
}
