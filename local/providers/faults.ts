import { z } from "zod";
import type { ProviderRoute } from "./request-log.ts";

/** A fault that tests and demos ask for: what happens to the next requests of a route. */
export const faultSchema = z.strictObject({
  route: z.enum(["chat", "images"]),
  kind: z.enum(["status", "hang", "delay", "garbage", "refuse", "reset"]),
  status: z.number().int().min(200).max(599).optional(),
  code: z.string().min(1).max(200).optional(),
  message: z.string().min(1).max(1000).optional(),
  delayMs: z.number().int().min(0).max(600_000).optional(),
  /** How many requests it hits. */
  times: z.number().int().min(1).max(100_000).default(1),
  /** How many requests pass before. */
  skip: z.number().int().min(0).max(100_000).default(0),
});
export type Fault = z.infer<typeof faultSchema>;

export interface FaultPlan {
  add(fault: Fault): void;
  list(): Fault[];
  clear(): void;
  /** The fault that this request meets, if any; counts the request. */
  next(route: ProviderRoute): Fault | undefined;
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
    next(route) {
      const due = faults.find((fault) => fault.route === route);
      if (due === undefined) return undefined;
      const hit = due.skip === 0;
      const left = hit ? { ...due, times: due.times - 1 } : { ...due, skip: due.skip - 1 };
      faults = faults.flatMap((fault) => (fault !== due ? [fault] : left.times > 0 ? [left] : []));
      return hit ? due : undefined;
    },
  };
}
