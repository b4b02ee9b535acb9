import { Hono } from "hono";
import { createQueueLimits } from "../core/queue/admission-control.ts";
import { createQueueBlocks } from "../core/queue/queue-blocks.ts";
import { createQueuePositions } from "../core/queue/queue-position.ts";
import type { ApiDeps, ApiEnv } from "./context.ts";
import { drainUnreadBody } from "./body/body-middleware.ts";
import { cors } from "./cors.ts";
import { createOpenStreams } from "./open-streams.ts";
import { problem } from "./errors.ts";
import { guardDeps } from "./guard-deps.ts";
import { pathOf, requireHost } from "./request-target.ts";
import { requireKnownRoute } from "./known-routes.ts";
import { authenticate, burstOf, rateLimit, requestFrame } from "./middleware.ts";
import { createAccountRoutes, createSignInRoutes } from "./routes/accounts.ts";
import { createAdminRoutes } from "./routes/admin.ts";
import { createCostRoutes } from "./routes/costs.ts";
import { createCreateRoutes } from "./routes/create-tasks.ts";
import { createFunctionHealthRoutes } from "./routes/function-health.ts";
import { createHealthRoutes } from "./routes/health.ts";
import { createLedgerRoutes } from "./routes/ledger.ts";
import { createPriceRoutes } from "./routes/prices.ts";
import { createSceneRoutes } from "./routes/scenes.ts";
import { createStatsRoutes } from "./routes/stats.ts";
import { createTaskListRoutes } from "./routes/task-list.ts";
import { createTaskRoutes } from "./routes/tasks.ts";
import { createUploadRoutes } from "./routes/uploads.ts";

export type App = Hono<ApiEnv>;

/** The API: the same `app.fetch` runs on Bun.serve and on @hono/node-server. */
export function createApp(deps: ApiDeps): App {
  const { guarded, circuits, findUser } = guardDeps(deps);
  const limits = createQueueLimits(guarded, () => circuits.queue() !== "closed");
  const positions = createQueuePositions({ ...guarded, blocks: createQueueBlocks(guarded) });
  const streams = createOpenStreams(deps.settings);
  const app = new Hono<ApiEnv>({ getPath: pathOf });
  app.use(requestFrame(deps), drainUnreadBody(deps), cors(deps.corsOrigins), requireHost);
  app.onError((error, c) => problem(c, error, deps.log));
  app.use(requireKnownRoute(app));
  // Health sees the dependencies themselves, the circuits aside.
  app.route("/", createHealthRoutes(deps, circuits));
  app.route("/", createFunctionHealthRoutes(deps));
  app.route("/", createSceneRoutes(guarded));
  app.route("/", createPriceRoutes(deps));
  app.route("/api/v1/auth", createSignInRoutes(guarded));
  // All that follows is for the signed in: a new route is so without a word.
  app.use(
    "/api/*",
    authenticate({ ...deps, findUser }),
    rateLimit(guarded, "burst", burstOf(deps)),
  );
  app.route("/", createCreateRoutes({ ...guarded, limits, positions, streams }));
  app.route("/", createTaskRoutes({ ...guarded, positions, streams }));
  app.route("/api/v1/ai-generation/tasks", createTaskListRoutes({ ...guarded, positions }));
  app.route("/api/v1/ai-generation/stats", createStatsRoutes(guarded));
  app.route("/api/v1/uploads", createUploadRoutes(guarded));
  app.route("/api/v1", createAccountRoutes(guarded));
  app.route("/api/v1/credits/ledger", createLedgerRoutes(guarded));
  app.route("/api/v1/admin/costs", createCostRoutes(guarded));
  app.route("/api/v1/admin", createAdminRoutes({ ...guarded, positions }));
  return app;
}
