import type { FunctionFailureCode, Ran } from "../function-schemas/function-answer.ts";

/**
 * What a worker does with an error: `retry` spends an attempt, `delay` spends nothing and is bounded by the
 * task's deadline, `pause` stops the function for everybody with one loud message and spends nothing,
 * `fail` is final.
 */
export type Outcome = "retry" | "delay" | "pause" | "fail";

/** Who can mend it; `provider` is the platform as well, and `ours` is a fault of the product itself or its overload. */
export type Whose = "customer" | "operator" | "provider" | "ours";

type ErrorFacts = {
  readonly status: number;
  readonly title: string;
  readonly outcome: Outcome;
  /** Whether a client may send the same request again. */
  readonly retryable: boolean;
  /** Whether it counts against the function's circuit: only what shows that the function or the provider fails. */
  readonly tripsCircuit: boolean;
  readonly whose: Whose;
};

const facts = (
  status: number,
  title: string,
  outcome: Outcome,
  more: Partial<Pick<ErrorFacts, "retryable" | "tripsCircuit" | "whose">> = {},
): ErrorFacts => ({
  status,
  title,
  outcome,
  retryable: false,
  tripsCircuit: false,
  whose: "customer",
  ...more,
});

const temporary = { retryable: true };
const overload = { retryable: true, whose: "ours" } as const;
const busy = { retryable: true, whose: "provider" } as const;
const failure = { retryable: true, tripsCircuit: true, whose: "provider" } as const;
const misconfiguration = { retryable: true, whose: "operator" } as const;
const mistake = { whose: "ours" } as const;

/** Every code that a client, a task or an operator can read, in one table. */
export const ERRORS = {
  // A request that was not accepted.
  MALFORMED_REQUEST: facts(400, "The request cannot be read", "fail"),
  UNAUTHENTICATED: facts(401, "Sign in first", "fail"),
  INSUFFICIENT_CREDITS: facts(402, "Not enough credits", "fail"),
  FORBIDDEN: facts(403, "Not allowed", "fail"),
  ACCOUNT_FROZEN: facts(403, "The account takes no new tasks for now", "fail"),
  NOT_FOUND: facts(404, "Not found", "fail"),
  METHOD_NOT_ALLOWED: facts(405, "Method not allowed", "fail"),
  CONFLICT: facts(409, "Conflict", "fail"),
  IDEMPOTENCY_IN_FLIGHT: facts(
    409,
    "The first request with this key is still in flight",
    "fail",
    temporary,
  ),
  PAYLOAD_TOO_LARGE: facts(413, "The request body is too large", "fail"),
  UNSUPPORTED_MEDIA_TYPE: facts(415, "Unsupported media type", "fail"),
  VALIDATION_FAILED: facts(422, "The request has invalid fields", "fail"),
  IDEMPOTENCY_KEY_REUSED: facts(422, "The key was used with another body", "fail"),
  RATE_LIMITED: facts(429, "Too many requests", "delay", temporary),
  TOO_MANY_TASKS: facts(429, "Too many tasks of yours wait or run", "delay", temporary),
  QUEUE_FULL: facts(503, "Too many tasks wait", "delay", overload),
  UNAVAILABLE: facts(503, "Temporarily unavailable", "delay", overload),
  INTERNAL: facts(500, "Something went wrong on our side", "retry", overload),

  // The customer's picture or request cannot be served.
  IMAGE_SOURCE_REFUSED: facts(422, "The image address is not allowed", "fail"),
  IMAGE_SOURCE_UNREACHABLE: facts(422, "The image address cannot be read", "fail"),
  IMAGE_UNREADABLE: facts(422, "The file is not a picture that can be read", "fail"),
  IMAGE_TOO_LARGE: facts(422, "The picture is too large", "fail"),
  IMAGE_OPERATION_INVALID: facts(422, "The picture cannot be worked on as asked", "fail"),
  CONTENT_REJECTED: facts(422, "The content was rejected", "fail"),

  // A cloud function did not do its work.
  FUNCTION_BUSY: facts(503, "The function is at its limit", "retry", busy),
  FUNCTION_FAILED: facts(502, "The function failed", "retry", failure),
  FUNCTION_TIMEOUT: facts(504, "The function took too long", "retry", failure),
  FUNCTION_UNREACHABLE: facts(502, "The function cannot be reached", "retry", failure),
  FUNCTION_ANSWER_INVALID: facts(502, "The function's answer cannot be read", "retry", failure),
  FUNCTION_REQUEST_REFUSED: facts(500, "The function refused the event", "fail", mistake),
  FUNCTION_MISSING: facts(503, "The function is not deployed", "pause", misconfiguration),
  FUNCTION_CREDENTIALS: facts(503, "The function's keys are refused", "pause", misconfiguration),
  FUNCTION_UNPAID: facts(503, "The cloud account is not paid", "pause", misconfiguration),
  FUNCTION_PAUSED: facts(503, "The function is paused", "pause", misconfiguration),
  CIRCUIT_OPEN: facts(503, "The function is resting after failures", "delay", busy),

  // A provider behind a function.
  PROVIDER_BUSY: facts(503, "The AI provider is at its limit", "retry", busy),
  PROVIDER_FAILED: facts(502, "The AI provider failed", "retry", failure),
  PROVIDER_TIMEOUT: facts(504, "The AI provider took too long", "retry", failure),
  PROVIDER_ANSWER_INVALID: facts(502, "The AI provider's answer cannot be read", "retry", failure),
  PROVIDER_REQUEST_REFUSED: facts(502, "The AI provider refused the request", "fail", mistake),
  PROVIDER_CREDENTIALS: facts(503, "The AI provider refuses our key", "pause", misconfiguration),
  PROVIDER_UNPAID: facts(503, "The AI provider's account is not paid", "pause", misconfiguration),

  // The object store.
  STORAGE_FAILED: facts(503, "The object store failed", "retry", failure),
  STORAGE_CREDENTIALS: facts(503, "The object store refuses our keys", "pause", misconfiguration),

  // The check of words and pictures. What cannot be checked waits: it spends no attempt and is never let through.
  CONTENT_CHECK_BUSY: facts(503, "The content check is at its limit", "delay", busy),
  CONTENT_CHECK_FAILED: facts(503, "The content check failed", "delay", failure),
  CONTENT_CHECK_CREDENTIALS: facts(
    503,
    "The content check refuses our keys",
    "pause",
    misconfiguration,
  ),

  // The life of a task.
  TASK_CANCELED: facts(409, "The task was canceled", "fail"),
  TASK_EXPIRED: facts(409, "The task ran past its deadline", "fail", overload),
  TASK_CRASHED: facts(500, "The task stopped its worker too often", "fail", mistake),
  SHUTTING_DOWN: facts(503, "The worker is stopping", "delay", overload),
  LEASE_LOST: facts(409, "Another worker has the task", "fail", mistake),
} as const satisfies Record<string, ErrorFacts>;

export type ErrorCode = keyof typeof ERRORS;

type ErrorOptions = {
  readonly ran?: Ran;
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
  /** For the operator's log alone: which variable, function or console page to look at. No secret. */
  readonly operatorMessage?: string;
  /** Extra members for the problem document. */
  readonly details?: Readonly<Record<string, unknown>>;
};

/** The one error class. `message` is for people and may be shown to the customer. */
export class DrapeError extends Error {
  readonly code: ErrorCode;
  readonly ran: Ran;
  readonly retryAfterMs: number | undefined;
  readonly operatorMessage: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "DrapeError";
    this.code = code;
    this.ran = options.ran ?? "no";
    this.retryAfterMs = options.retryAfterMs;
    this.operatorMessage = options.operatorMessage;
    this.details = options.details ?? {};
  }
}

/** Function failures carry our own codes already, but for an event that the function could not read. */
export function codeOfFailure(code: FunctionFailureCode): ErrorCode {
  return code === "EVENT_INVALID" ? "FUNCTION_REQUEST_REFUSED" : code;
}

/** Whether another attempt or an operator may mend it; what cannot be mended is told to the customer as it is. */
export function isWorthAnotherAttempt({ code }: { readonly code: FunctionFailureCode }): boolean {
  return ERRORS[codeOfFailure(code)].outcome !== "fail";
}

/** Anything thrown, as a DrapeError: what is unknown becomes INTERNAL, with its text kept for the log only. */
export function asDrapeError(error: unknown): DrapeError {
  if (error instanceof DrapeError) return error;
  return new DrapeError("INTERNAL", "Something went wrong on our side.", {
    cause: error,
    ran: "unknown",
  });
}
