import type { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { METHOD_NAME_ALL } from "hono/router";
import { matchedRoutes } from "hono/route";
import { DrapeError } from "../core/model/errors.ts";
import type { ApiEnv } from "./context.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/**
 * Refuses what no route serves, before sign-in and before the body is read: 405 with `Allow` when the path has other
 * methods, else 404. HEAD is served where GET is. Stands before all other middleware; costs one look at the matched
 * routes.
 */
export function requireKnownRoute(app: Hono<ApiEnv>) {
  return createMiddleware<ApiEnv>(async function findRoute(c, next) {
    if (matchedRoutes(c).some(isEndpoint)) return next();
    const allowed = METHODS.filter((method) =>
      app.router.match(method, c.req.path)[0].some(([[, route]]) => isEndpoint(route)),
    );
    if (allowed.length === 0) {
      throw new DrapeError("NOT_FOUND", "There is no such route: see README for the list.");
    }
    const allow = allowed.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
    c.header("Allow", allow.join(", "));
    throw new DrapeError("METHOD_NOT_ALLOWED", `This path takes ${allow.join(", ")} only.`);
  });
}

/** Middleware is registered for all methods, what answers for one. */
function isEndpoint({ method }: { readonly method: string }): boolean {
  return method !== METHOD_NAME_ALL;
}
