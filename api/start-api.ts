import { createBatcher } from "../core/tasks/group-commit.ts";
import type { Deps } from "../core/deps.ts";
import { parseAddressRange } from "./sign-in/address-range.ts";
import { createApp, type App } from "./app.ts";
import type { SignUpCredits } from "./context.ts";
import type { TrustedProxies } from "./sign-in/client-address.ts";
import { serve } from "./serve.ts";

export type ApiOptions = {
  /** 0 takes a free one. */
  readonly port: number;
  readonly hostname: string;
  readonly jwtSecret: string;
  /** `host:port` list of plain http photo servers that may be read; empty in production. */
  readonly imageSourceAllow: string;
  /** A number of hops, or ranges of addresses with commas. */
  readonly trustedProxies: string;
  /** With commas; `loopback` for every page of this machine. */
  readonly corsOrigins: string;
  readonly signUpCredits: SignUpCredits;
};

export type Api = { readonly url: string; readonly app: App; stop(graceMs: number): Promise<void> };

/** The API on a port. */
export async function startApi(deps: Deps, options: ApiOptions): Promise<Api> {
  const app = createApp({
    ...deps,
    createTask: createBatcher(deps.store.tasks, deps.settings.limits.dispatchWindow, deps.log),
    jwtSecret: options.jwtSecret,
    allowHttpHosts: listOf(options.imageSourceAllow),
    trustedProxies: trustedProxiesOf(options.trustedProxies),
    signUpCredits: options.signUpCredits,
    corsOrigins: options.corsOrigins === "loopback" ? "loopback" : listOf(options.corsOrigins),
  });
  const { port, hostname } = options;
  const { url, stop } = await serve(app, { port, hostname, clock: deps.clock });
  return { url, app, stop };
}

function trustedProxiesOf(text: string): TrustedProxies {
  if (/^\d+$/.test(text)) return { hops: Number(text) };
  return { ranges: listOf(text).flatMap((range) => parseAddressRange(range) ?? []) };
}

function listOf(text: string): string[] {
  const entries = text.split(",").map((entry) => entry.trim());
  return entries.filter((entry) => entry !== "");
}
