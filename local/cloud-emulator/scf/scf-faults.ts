import { z } from "zod";

/** A fault that an operator or a test asks for: what happens to the matching invocations instead. */
export const faultSchema = z.strictObject({
  function: z.string().min(1),
  /** Only events whose `action` is this. */
  action: z.string().optional(),
  /**
   * `status`: a function status without running it · `api-error`: an API error code · `http`: an HTTP status ·
   * `hang`: no answer · `reset`: the connection cut before the function runs · `reset-after-run`: cut after it ·
   * `garbage`: an answer that is not JSON · `truncated`: JSON cut in the middle · `empty`: no body · `drip`: run it,
   * and send the answer byte by byte over `delayMs` · `delay`: run it, later.
   */
  kind: z.enum([
    "status",
    "api-error",
    "http",
    "hang",
    "reset",
    "reset-after-run",
    "garbage",
    "truncated",
    "empty",
    "drip",
    "delay",
  ]),
  status: z.number().int().min(400).max(599).default(500),
  code: z.string().min(1).default("InternalError"),
  httpStatus: z.number().int().min(300).max(599).default(500),
  delayMs: z.number().int().min(0).max(600_000).default(1000),
  /** How many invocations; 0 = until cleared. */
  times: z.number().int().min(0).default(1),
  /** How many matching invocations pass first, counted from when no earlier fault matches them. */
  skip: z.number().int().min(0).default(0),
});
export type Fault = z.infer<typeof faultSchema>;

export type Faults = {
  add(fault: Fault): void;
  clear(): void;
  /** The fault of this invocation, counted. */
  take(functionName: string, action: string | undefined): Fault | null;
};

export function createFaults(): Faults {
  let entries: { fault: Fault; skipLeft: number; timesLeft: number }[] = [];
  return {
    add(fault) {
      const timesLeft = fault.times === 0 ? Number.POSITIVE_INFINITY : fault.times;
      entries.push({ fault, skipLeft: fault.skip, timesLeft });
    },
    clear() {
      entries = [];
    },
    take(functionName, action) {
      const entry = entries.find(
        ({ fault }) =>
          fault.function === functionName && (!fault.action || fault.action === action),
      );
      if (entry === undefined) return null;
      if (entry.skipLeft > 0) {
        entry.skipLeft -= 1;
        return null;
      }
      entry.timesLeft -= 1;
      if (entry.timesLeft <= 0) entries = entries.filter((one) => one !== entry);
      return entry.fault;
    },
  };
}
