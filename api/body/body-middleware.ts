import { createMiddleware } from "hono/factory";
import type { ApiDeps, ApiEnv } from "../context.ts";
import { drainBody, readBody } from "./read-body.ts";

type BodyDeps = Pick<ApiDeps, "clock">;

/** Bodies of routes that take pictures. */
export const imageBody = (deps: BodyDeps) => takeBody(deps, 8_000_000);
/** All other bodies. */
export const smallBody = (deps: BodyDeps) => takeBody(deps, 1_000_000);

/** The whole body, read within its limits of size and time; `validJson` checks what is in it. */
function takeBody(deps: BodyDeps, bytesMax: number) {
  return createMiddleware<ApiEnv>(async function takeBodyOf(c, next) {
    c.set("body", await readBody(deps, c.req.raw, bytesMax));
    await next();
  });
}

/**
 * Whoever still sends a body reads no answer: what no route has read is read and thrown away first, within limits. A
 * connection whose body did not end then is closed after the answer. Stands around all that may answer early.
 */
export function drainUnreadBody(deps: BodyDeps) {
  return createMiddleware<ApiEnv>(async function drainAfterAnswer(c, next) {
    await next();
    const taken = c.get("body") as ApiEnv["Variables"]["body"] | undefined;
    if (taken !== undefined) return;
    if (!(await drainBody(deps, c.req.raw))) c.header("Connection", "close");
  });
}
