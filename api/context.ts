import type { Deps } from "../core/deps.ts";
import type { CreateOutcome, NewTask } from "../core/ports/task-store.ts";

/** What the API needs from the other rooms. */
export type ApiDeps = Pick<
  Deps,
  | "store"
  | "queue"
  | "events"
  | "cache"
  | "rateLimiter"
  | "registry"
  | "presets"
  | "users"
  | "objects"
  | "wechat"
  | "functions"
  | "functionPauses"
  | "clock"
  | "random"
  | "log"
  | "settings"
  | "failpoint"
> & {
  readonly createTask: (create: NewTask) => Promise<CreateOutcome>;
  readonly jwtSecret: string;
  /** `host:port` pairs whose plain http images may be read; empty in production. */
  readonly allowHttpHosts: readonly string[];
};

export type Actor = { readonly userId: string; readonly role: "customer" | "admin" };

/** Facts of one request; never services. */
export type ApiEnv = {
  Variables: { requestId: string; actor: Actor };
  Bindings: { clientIp?: string };
};
