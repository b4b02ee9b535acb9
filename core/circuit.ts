import type CircuitBreaker from "opossum";

export type CircuitState = "closed" | "open" | "half-open";

export function circuitState(breaker: Pick<CircuitBreaker, "opened" | "halfOpen">): CircuitState {
  return breaker.opened ? "open" : breaker.halfOpen ? "half-open" : "closed";
}

/** Whether a breaker threw it instead of calling. */
export function isOpenCircuit(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "EOPENBREAKER";
}

/** What kept a call from going out past the circuit, or ended it on our side: it says nothing about the other side. */
export class NoVerdict extends Error {}

/**
 * A breaker's `errorFilter`: what passes counts as a success. A probe without a verdict is none: the circuit rests once
 * more.
 */
export function passes(
  error: unknown,
  breaker: Pick<CircuitBreaker, "halfOpen">,
  isIllness: (error: unknown) => boolean,
): boolean {
  return error instanceof NoVerdict ? !breaker.halfOpen : !isIllness(error);
}
