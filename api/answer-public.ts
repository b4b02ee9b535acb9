import { createHash } from "node:crypto";
import type { Context } from "hono";
import type { ApiEnv } from "./context.ts";
import { isKnownTag } from "./entity-tag.ts";

/** A CDN may answer for five minutes, and for a day while it asks anew or while we are away. */
const CACHE = "public, max-age=300, stale-while-revalidate=86400, stale-if-error=86400";

/** What is the same for everybody, with a tag of its content; 304 to who has it. */
export function answerPublic(c: Context<ApiEnv>, value: unknown): Response {
  const body = JSON.stringify(value);
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  c.header("ETag", etag);
  c.header("Cache-Control", CACHE);
  if (isKnownTag(c.req.header("if-none-match"), etag)) return c.body(null, 304);
  return c.body(body, 200, { "content-type": "application/json" });
}
