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

/**
 * Opens the breaker after this many failures in a row, however well it went before: by the share alone, what went well
 * in its window would hide for seconds that nothing does any more. What has no verdict breaks no row.
 */
export function openAfterRow(breaker: CircuitBreaker, failuresMax: number): void {
  let inARow = 0;
  breaker.on("success", (result) => {
    if (!(result instanceof NoVerdict)) inARow = 0;
  });
  breaker.on("failure", () => {
    inARow += 1;
    if (inARow >= failuresMax && !breaker.opened) breaker.open();
  });
}
