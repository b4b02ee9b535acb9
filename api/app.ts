import { Hono } from "hono";
import { DrapeError } from "../core/errors.ts";
import type { ApiDeps, ApiEnv } from "./context.ts";
import { problem } from "./errors.ts";
import { authenticate, BURST, rateLimit, requestFrame } from "./middleware.ts";
import { createAccountRoutes, createSignInRoutes } from "./routes/accounts.ts";
import { createHealthRoutes } from "./routes/health.ts";
import { createTaskRoutes } from "./routes/tasks.ts";
import { createUploadRoutes } from "./routes/uploads.ts";

export type App = Hono<ApiEnv>;

/** The HTTP house: the same `app.fetch` runs on Bun.serve and on @hono/node-server. */
export function createApp(deps: ApiDeps): App {
  const app = new Hono<ApiEnv>();
  app.use(requestFrame(deps));
  app.onError((error, c) => problem(c, error, deps.log));
  app.notFound((c) =>
    problem(
      c,
      new DrapeError("NOT_FOUND", "There is no such route: see README for the list."),
      deps.log,
    ),
  );
  app.route("/", createHealthRoutes(deps));
  app.route("/api/v1/auth", createSignInRoutes(deps));
  const signedIn = [authenticate(deps), rateLimit(deps, "burst", BURST)] as const;
  app.use("/api/ai-image/*", ...signedIn);
  app.use("/api/v1/ai-generation/*", ...signedIn);
  app.use("/api/v1/uploads/*", ...signedIn);
  app.route("/", createTaskRoutes(deps));
  app.route("/api/v1/uploads", createUploadRoutes(deps));
  app.route("/api/v1", createAccountRoutes(deps));
  return app;
}
