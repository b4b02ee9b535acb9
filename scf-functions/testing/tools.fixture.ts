import type { FunctionTools } from "../shared/define-function.ts";

/** Tools with plenty of time, or as much as a test gives. */
export function testTools(remainingMs = 20_000): FunctionTools {
  return {
    requestId: "request-1",
    signal: AbortSignal.timeout(remainingMs),
    remainingMs: () => remainingMs,
  };
}
