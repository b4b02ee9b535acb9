import { z } from "zod";
import { DOCUMENTED_ERRORS, findDocumentedError } from "./documented-errors.ts";
import {
  PROVIDER_ENDPOINTS,
  PROVIDER_ROUTES,
  type ProviderEndpoint,
  routeOf,
} from "./request-log.ts";

const KINDS = ["status", "hang", "delay", "garbage", "refuse", "reset"] as const;
const ROUTES = [...PROVIDER_ROUTES, ...PROVIDER_ENDPOINTS] as const;

/** A fault that tests and demos ask for: what happens to the next requests of a route, or of one provider there. */
export const faultSchema = z
  .strictObject({
    route: z.enum(ROUTES),
    kind: z.enum(KINDS).optional(),
    /** A documented error by its code, instead of a kind: status, body and all. */
    error: z.string().min(1).max(200).optional(),
    /** The error comes with status 200 all the same: as the body, or as an event of a stream. */
    inside: z.enum(["body", "events"]).optional(),
    status: z.number().int().min(200).max(599).optional(),
    code: z.string().min(1).max(200).optional(),
    message: z.string().min(1).max(1000).optional(),
    /** Sent as Retry-After. */
    retryAfterSeconds: z.number().int().min(0).max(3600).optional(),
    delayMs: z.number().int().min(0).max(600_000).optional(),
    /** How many requests it hits. */
    times: z.number().int().min(1).max(100_000).default(1),
    /** How many requests pass before. */
    skip: z.number().int().min(0).max(100_000).default(0),
  })
  .superRefine(({ route, kind, error }, context) => {
    const add = (message: string) => context.addIssue({ code: "custom", path: ["error"], message });
    if ((kind === undefined) === (error === undefined)) add("say either a kind or an error");
    if (error === undefined) return;
    const known = endpointsOf(route).flatMap((endpoint) => DOCUMENTED_ERRORS[endpoint]);
    if (known.some(({ code }) => code === error)) return;
    const codes = [...new Set(known.map(({ code }) => code))].sort().join(", ");
    add(`${route} documents no ${error}; it does: ${codes}`);
  });
export type Fault = z.infer<typeof faultSchema>;

function endpointsOf(route: Fault["route"]): readonly ProviderEndpoint[] {
  return PROVIDER_ENDPOINTS.filter((endpoint) => endpoint === route || routeOf(endpoint) === route);
}

/** A documented error hits those alone that document it. */
function concerns({ route, error }: Fault, endpoint: ProviderEndpoint): boolean {
  if (!endpointsOf(route).includes(endpoint)) return false;
  return error === undefined || findDocumentedError(endpoint, error) !== undefined;
}

export interface FaultPlan {
  add(fault: Fault): void;
  list(): Fault[];
  clear(): void;
  /** The fault that this request meets, if any; counts the request. */
  next(endpoint: ProviderEndpoint): Fault | undefined;
}

const FAULTS_MAX = 1000;

export function createFaultPlan(): FaultPlan {
  let faults: Fault[] = [];
  return {
    add(fault) {
      faults = [...faults, { ...fault }].slice(-FAULTS_MAX);
    },
    list: () => faults.map((fault) => ({ ...fault })),
    clear() {
      faults = [];
    },
    next(endpoint) {
      const due = faults.find((fault) => concerns(fault, endpoint));
      if (due === undefined) return undefined;
      const hit = due.skip === 0;
      const left = hit ? { ...due, times: due.times - 1 } : { ...due, skip: due.skip - 1 };
      faults = faults.flatMap((fault) => (fault !== due ? [fault] : left.times > 0 ? [left] : []));
      return hit ? due : undefined;
    },
  };
}
