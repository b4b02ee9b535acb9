import { getPath } from "hono/utils/url";
import { createMiddleware } from "hono/factory";
import { DrapeError } from "../core/model/errors.ts";
import type { ApiEnv } from "./context.ts";

const HOST = /^(?:[\w.-]{1,253}|\[[\da-f:.]{2,45}\])(?::(\d{1,5}))?$/i;

/** Refuses a Host header that is no host. HTTP/1.0 may leave it out; of HTTP/1.1 the servers refuse that themselves. */
export const requireHost = createMiddleware<ApiEnv>(async function checkHost(c, next) {
  const host = c.req.header("host");
  const match = host === undefined ? null : HOST.exec(host);
  if (host !== undefined && (match === null || Number(match[1] ?? 0) > 65_535)) {
    throw new DrapeError(
      "MALFORMED_REQUEST",
      "The Host header is not a host: send one name or address, with a port if need be.",
    );
  }
  await next();
});

/** The path that was asked for, as routes are looked up by it: also where Bun, without a host, gives a path alone. */
export function pathOf(request: Request): string {
  const { url } = request;
  return url.startsWith("/")
    ? getPath({ url: `http://localhost${url}` } as Request)
    : getPath(request);
}
