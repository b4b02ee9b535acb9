import { DrapeError } from "./errors.ts";

/** What is wrong with one field of what a customer sent. */
export type FieldFault = {
  /** Where it stands, as a JSON Pointer. */
  readonly pointer: string;
  readonly code: string;
  /** For people: what is allowed. */
  readonly detail: string;
};

/** Of so many faults the rest helps nobody. */
const LISTED_MAX = 50;

export function validationFailed(faults: readonly FieldFault[]): DrapeError {
  const [first] = faults;
  const detail =
    first === undefined
      ? "The request has invalid fields."
      : `${first.pointer || "/"}: ${first.detail}`;
  const errors = faults.slice(0, LISTED_MAX);
  return new DrapeError("VALIDATION_FAILED", detail, { details: { errors } });
}

export function notAllowed(allowed: readonly string[], pointer: string): FieldFault {
  return { pointer, code: "NOT_ALLOWED", detail: `allowed are ${allowed.join(", ")}` };
}
