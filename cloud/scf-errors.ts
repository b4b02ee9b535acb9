import type { Ran } from "../core/function-schemas/function-answer.ts";
import { DrapeError, type Crash, type ErrorCode } from "../core/model/errors.ts";
import type { FunctionName } from "../core/model/functions.ts";
import { failureIn } from "./function-failure.ts";
import { sdkErrorOf } from "./sdk-error.ts";

/** What was called, for the messages. */
export type CalledFunction = {
  readonly name: FunctionName;
  /** The name on the platform, with its prefix. */
  readonly deployedName: string;
  readonly namespace: string;
  readonly region: string;
};

/** FUNCTION_PAUSED is our own decision, never the platform's. */
type FunctionErrorCode = Exclude<Extract<ErrorCode, `FUNCTION_${string}`>, "FUNCTION_PAUSED">;

type Verdict = {
  readonly code: FunctionErrorCode;
  readonly ran: Ran;
  readonly crash?: Crash;
  /** Where the operator looks. */
  readonly hint?: string;
};

const busy: Verdict = {
  code: "FUNCTION_BUSY",
  ran: "no",
  hint: "If it lasts: raise the function's concurrency or the region's memory quota (console: Serverless Cloud Function, Concurrency management).",
};
const failed: Verdict = { code: "FUNCTION_FAILED", ran: "yes" };
const internal: Verdict = { code: "FUNCTION_FAILED", ran: "unknown" };
const timeout: Verdict = { code: "FUNCTION_TIMEOUT", ran: "unknown" };
const refused: Verdict = { code: "FUNCTION_REQUEST_REFUSED", ran: "no" };
const unpaid: Verdict = {
  code: "FUNCTION_UNPAID",
  ran: "no",
  hint: "Pay the Tencent Cloud account's bill (console: Billing Center).",
};
const missing: Verdict = { code: "FUNCTION_MISSING", ran: "no" };
const unreached: Verdict = {
  code: "FUNCTION_UNREACHABLE",
  ran: "no",
  hint: "Check this machine's network, DNS and proxy, and TENCENTCLOUD_REGION.",
};
const cut: Verdict = { code: "FUNCTION_UNREACHABLE", ran: "unknown" };
const unreadable: Verdict = { code: "FUNCTION_ANSWER_INVALID", ran: "unknown" };

const credentials = (hint: string): Verdict => ({ code: "FUNCTION_CREDENTIALS", ran: "no", hint });
const anyKey = credentials(
  "Check TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, and that this key may invoke functions (console: Cloud Access Management).",
);

/** Function status codes (583/42611, 583/35311). */
const STATUSES: Readonly<Record<number, Verdict>> = {
  400: refused,
  401: anyKey,
  402: unpaid,
  406: refused,
  407: { code: "FUNCTION_ANSWER_INVALID", ran: "yes", hint: "Its answer was above 6 MB." },
  410: unpaid,
  429: busy,
  430: { ...failed, crash: "threw" },
  432: busy,
  433: { code: "FUNCTION_TIMEOUT", ran: "yes", crash: "timed-out" },
  434: {
    ...failed,
    crash: "killed",
    hint: "Give the function more memory (console: Serverless Cloud Function, Function configuration).",
  },
  435: missing,
  437: { ...missing, hint: "The bundle exports no index.main_handler: deploy it again." },
  439: { ...failed, crash: "killed" },
  442: missing,
  500: internal,
};

/** API error codes (583/30771, 583/17235), the first that begins the code decides. */
const API_CODES: readonly (readonly [prefix: string, verdict: Verdict])[] = [
  ["RequestLimitExceeded", busy],
  ["LimitExceeded", busy],
  ["ResourceLimitReached", busy],
  [
    "AuthFailure.SignatureFailure",
    credentials("Check TENCENTCLOUD_SECRET_KEY (console: Cloud Access Management, API keys)."),
  ],
  [
    "AuthFailure.SecretIdNotFound",
    credentials("Check TENCENTCLOUD_SECRET_ID (console: Cloud Access Management, API keys)."),
  ],
  [
    "AuthFailure.InvalidSecretId",
    credentials("Check TENCENTCLOUD_SECRET_ID (console: Cloud Access Management, API keys)."),
  ],
  [
    "AuthFailure.SignatureExpire",
    credentials("Set this machine's clock: it is more than 5 minutes off."),
  ],
  ["AuthFailure", anyKey],
  ["UnauthorizedOperation", anyKey],
  ["UnsupportedRegion", { ...missing, hint: "Check TENCENTCLOUD_REGION." }],
  ["ResourceNotFound", missing],
  ["InsufficientBalance", unpaid],
  ["ResourceUnavailable.InsufficientBalance", unpaid],
  ["ServiceSuspended", unpaid],
  ["RequestTooLarge", refused],
  ["RequestSizeLimitExceeded", refused],
  ["InvalidParameter", refused],
  ["MissingParameter", refused],
  ["UnknownParameter", refused],
  ["InvalidAction", refused],
  ["UnsupportedOperation", refused],
  ["InternalError", internal],
];

/**
 * Transport errors carry no code on the SDK, only the runtime's text: Node's and Bun's both. The order counts:
 * a connection that timed out never carried the request.
 */
const TRANSPORT: readonly (readonly [text: RegExp, verdict: Verdict])[] = [
  [/ECONNREFUSED|Unable to connect|FailedToOpenSocket/i, unreached],
  [/ENOTFOUND|EAI_AGAIN|getaddrinfo|EHOSTUNREACH|ENETUNREACH|connect ETIMEDOUT/i, unreached],
  [/certificate|CERT_|self.signed/i, unreached],
  [/timed? ?out|ETIMEDOUT|aborted/i, timeout],
  [/invalid json|JSON Parse error|is not valid JSON|Unexpected (token|end)/i, unreadable],
];

const MESSAGES: Readonly<Record<FunctionErrorCode, string>> = {
  FUNCTION_BUSY: "is at its limit; try again soon",
  FUNCTION_FAILED: "failed",
  FUNCTION_TIMEOUT: "took too long",
  FUNCTION_UNREACHABLE: "cannot be reached",
  FUNCTION_ANSWER_INVALID: "gave an answer that cannot be read",
  FUNCTION_REQUEST_REFUSED: "refused the event",
  FUNCTION_MISSING: "is not deployed",
  FUNCTION_CREDENTIALS: "is not available: the cloud refuses our keys",
  FUNCTION_UNPAID: "is not available: the cloud account is not paid",
};

/**
 * Anything that the SDK threw for a call of `called`, as the one DrapeError: API errors, HTTP statuses and the
 * transport errors of Bun and Node. When `signal` ended the wait with a DrapeError, that one is given back.
 */
export function functionErrorOf(
  error: unknown,
  called: CalledFunction,
  signal: AbortSignal,
): DrapeError {
  if (error instanceof DrapeError) return error;
  if (signal.aborted) return abortError(signal, called, "unknown");
  const { code, httpCode, message, requestId } = sdkErrorOf(error);
  const platform = [code ?? httpCode, message, requestId && `request ${requestId}`];
  const report = { platform: platform.filter(Boolean).join(", "), cause: error };
  if (code !== undefined) return errorOf(verdictOfApiCode(code), called, report);
  if (httpCode !== undefined) return errorOf(verdictOfHttpStatus(httpCode), called, report);
  const known = TRANSPORT.find(([text]) => text.test(message))?.[1];
  return errorOf(known ?? (error instanceof SyntaxError ? unreadable : cut), called, report);
}

/** The wait ended by the caller's signal. `ran` is "no" when nothing had been sent. */
export function abortError(signal: AbortSignal, called: CalledFunction, ran: Ran): DrapeError {
  if (signal.reason instanceof DrapeError) return signal.reason;
  const platform = "no answer before the caller's deadline";
  return errorOf({ ...timeout, ran }, called, { platform, cause: signal.reason });
}

/** The failure told by a function's `ErrMsg` or `RetMsg`, or null when the text is no failure. */
export function functionFailureOf(
  texts: { readonly errMsg: string; readonly retMsg: string },
  called: CalledFunction,
): DrapeError | null {
  const failure = failureIn(texts);
  if (failure === null && texts.errMsg === "") return null;
  if (failure === null) return errorOf(internal, called, { platform: texts.errMsg });
  // The trace's first line names the error; the rest may hold anything that the function touched.
  const trace = String(failure.stackTrace ?? "").split("\n", 1)[0];
  const platform = [failure.statusCode, failure.errorMessage, trace].filter(Boolean).join(", ");
  return errorOf(STATUSES[failure.statusCode] ?? internal, called, { platform });
}

/** The function returned something that is not JSON: it ran. */
export function unreadableAnswer(called: CalledFunction, what: string): DrapeError {
  return errorOf({ ...unreadable, ran: "yes" }, called, { platform: what });
}

export function isMissingFunction(error: unknown): boolean {
  return error instanceof DrapeError && error.code === "FUNCTION_MISSING";
}

function errorOf(
  verdict: Verdict,
  called: CalledFunction,
  report: { readonly platform: string; readonly cause?: unknown },
): DrapeError {
  const { deployedName, namespace, region } = called;
  const where = `function ${deployedName} in namespace ${namespace}, region ${region}`;
  const deploy =
    verdict.code === "FUNCTION_MISSING" ? `Deploy the ${where}: npm run deploy:scf.` : undefined;
  const hint = verdict.hint ?? deploy;
  const platform = `The platform said: ${report.platform.slice(0, 500)} (${where}).`;
  return new DrapeError(verdict.code, `The function ${called.name} ${MESSAGES[verdict.code]}.`, {
    ran: verdict.ran,
    ...(verdict.crash === undefined ? {} : { crash: verdict.crash }),
    operatorMessage: hint === undefined ? platform : `${hint} ${platform}`,
    ...(report.cause === undefined ? {} : { cause: report.cause }),
  });
}

function verdictOfApiCode(code: string): Verdict {
  return API_CODES.find(([prefix]) => code.startsWith(prefix))?.[1] ?? internal;
}

/** The gateway's own statuses; an API error comes as HTTP 200. */
function verdictOfHttpStatus(status: number): Verdict {
  if (status === 429) return busy;
  if (status === 401 || status === 403) return anyKey;
  if (status === 413) return refused;
  if (status === 504) return timeout;
  return status >= 500 ? internal : { ...unreached, hint: "Check SCF_ENDPOINT." };
}
