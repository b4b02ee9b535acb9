import { createBatcher } from "../core/tasks/group-commit.ts";
import type { Deps } from "../core/deps.ts";
import { createApp, type App } from "./app.ts";
import { serve } from "./serve.ts";

export type ApiOptions = {
  /** 0 takes a free one. */
  readonly port: number;
  readonly hostname: string;
  readonly jwtSecret: string;
  /** `host:port` list of plain http photo servers that may be read; empty in production. */
  readonly imageSourceAllow: string;
};

export type Api = { readonly url: string; readonly app: App; stop(graceMs: number): Promise<void> };

/** The API on a port. */
export async function startApi(deps: Deps, options: ApiOptions): Promise<Api> {
  const app = createApp({
    ...deps,
    createTask: createBatcher(deps.store.tasks, deps.settings.limits.dispatchWindow, deps.log),
    jwtSecret: options.jwtSecret,
    allowHttpHosts: options.imageSourceAllow.split(",").filter((host) => host !== ""),
  });
  const { port, hostname } = options;
  const { url, stop } = await serve(app, { port, hostname, clock: deps.clock });
  return { url, app, stop };
}
