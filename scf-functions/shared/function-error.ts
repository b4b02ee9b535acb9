import type {
  FunctionFailure,
  FunctionFailureCode,
  Ran,
} from "../../core/function-schemas/function-answer.ts";

type FunctionErrorOptions = {
  readonly ran?: Ran;
  readonly retryAfterMs?: number | undefined;
  readonly providerCode?: string | undefined;
  readonly elsewhere?: boolean | undefined;
};

/**
 * What a function's code throws when it knows what went wrong; `defineFunction` turns it into the answer
 * `{ ok: false, failure }`. `message` is for people: plain English, no secret, at most 2,000 characters.
 * `ran` is "no" unless told otherwise.
 */
export class FunctionError extends Error {
  readonly code: FunctionFailureCode;
  readonly ran: Ran;
  readonly retryAfterMs: number | undefined;
  readonly providerCode: string | undefined;
  /** The request itself was no reason to refuse it: another provider may well do it. Told to no caller. */
  readonly elsewhere: boolean;

  constructor(code: FunctionFailureCode, message: string, options: FunctionErrorOptions = {}) {
    super(message);
    this.name = "FunctionError";
    this.code = code;
    this.ran = options.ran ?? "no";
    this.retryAfterMs = options.retryAfterMs;
    this.providerCode = options.providerCode;
    this.elsewhere = options.elsewhere ?? false;
  }
}

/** Something of ours that does not work: told as the function's own failure, never as that of a picture. */
export class FunctionFault extends Error {}

/** The error as the contract's failure, cut to the contract's lengths. */
export function toFailure(error: FunctionError): FunctionFailure {
  return {
    code: error.code,
    message: error.message.slice(0, 2000),
    ran: error.ran,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: Math.round(error.retryAfterMs) }),
    ...(error.providerCode === undefined ? {} : { providerCode: error.providerCode.slice(0, 200) }),
  };
}

/** The same error with another `ran`, for work that failed after something was already paid for. */
export function withRan(error: FunctionError, ran: Ran): FunctionError {
  return new FunctionError(error.code, error.message, {
    ran,
    retryAfterMs: error.retryAfterMs,
    providerCode: error.providerCode,
    elsewhere: error.elsewhere,
  });
}
