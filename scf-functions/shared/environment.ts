import type { z } from "zod";
import type { FunctionFailureCode } from "../../core/function-schemas/function-answer.ts";
import { FunctionError } from "./function-error.ts";

/** The environment as Node gives it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Checks the variables that `schema` names; a variable set to nothing counts as unset. A bad or missing
 * one throws `code` with a message that names the variable and never repeats its value.
 */
export function readEnvironment<S extends z.ZodType>(
  schema: S,
  environment: Environment,
  code: FunctionFailureCode,
): z.output<S> {
  const present = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues.map((issue) => {
    const name = issue.path.map(String).join(".");
    return name in present ? `${name} is wrong: ${issue.message}` : `${name} is not set`;
  });
  throw new FunctionError(code, `The function is not configured: ${reasons.join("; ")}.`);
}

/** Calls `make` at the first call only: a warm instance keeps what it read; a failure is tried again. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
