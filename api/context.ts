import type { Deps } from "../core/deps.ts";
import type { TrustedProxies } from "./sign-in/client-address.ts";
import type { CreateOutcome, NewTask } from "../core/ports/task-store.ts";

/** Which pages of other origins may call: those of this list, or in development those of this machine. */
export type CorsOrigins = readonly string[] | "loopback";

/** What a new customer is given, by how they signed up. */
export type SignUpCredits = { readonly byEmail: number; readonly byWechat: number };

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
  readonly trustedProxies: TrustedProxies;
  readonly corsOrigins: CorsOrigins;
  readonly signUpCredits: SignUpCredits;
};

export type Actor = { readonly userId: string; readonly role: "customer" | "admin" };

/** Facts of one request; never services. */
export type ApiEnv = {
  Variables: {
    requestId: string;
    actor: Actor;
    /** The whole body, after `smallBody` or `imageBody`. */
    body: Uint8Array<ArrayBuffer>;
    /** Whose request it is: the address that limits count by. */
    address: string;
  };
  Bindings: { clientIp?: string };
};
