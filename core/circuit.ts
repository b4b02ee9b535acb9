import type CircuitBreaker from "opossum";

export type CircuitState = "closed" | "open" | "half-open";

export function circuitState(breaker: Pick<CircuitBreaker, "opened" | "halfOpen">): CircuitState {
  return breaker.opened ? "open" : breaker.halfOpen ? "half-open" : "closed";
}

/** Whether a breaker threw it instead of calling. */
export function isOpenCircuit(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "EOPENBREAKER";
}
