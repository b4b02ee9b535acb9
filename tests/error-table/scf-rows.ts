import type { Cause, FailureRow } from "./failure-row.ts";

type Judgement = Pick<FailureRow, "code" | "ran" | "outcome" | "tripsCircuit" | "whose">;

/** Shows the function or the platform ill, or the way to it. */
const failing = (code: FailureRow["code"], ran: FailureRow["ran"]): Judgement => ({
  code,
  ran,
  outcome: "retry",
  whose: "provider",
  tripsCircuit: true,
});
/** For an operator to mend; nothing is tried meanwhile. */
const misconfigured = (code: FailureRow["code"]): Judgement => ({
  ...failing(code, "no"),
  outcome: "pause",
  whose: "operator",
  tripsCircuit: false,
});

const BUSY: Judgement = { ...failing("FUNCTION_BUSY", "no"), tripsCircuit: false };
const FAILED = failing("FUNCTION_FAILED", "yes");
const INTERNAL = failing("FUNCTION_FAILED", "unknown");
const REFUSED: Judgement = {
  ...failing("FUNCTION_REQUEST_REFUSED", "no"),
  outcome: "fail",
  whose: "ours",
  tripsCircuit: false,
};
const MISSING = misconfigured("FUNCTION_MISSING");
const KEYS = misconfigured("FUNCTION_CREDENTIALS");
const UNPAID = misconfigured("FUNCTION_UNPAID");
const UNREACHED = failing("FUNCTION_UNREACHABLE", "no");
const CUT = failing("FUNCTION_UNREACHABLE", "unknown");
const UNREADABLE = failing("FUNCTION_ANSWER_INVALID", "unknown");
const LATE = failing("FUNCTION_TIMEOUT", "unknown");

const row = (
  signal: string,
  cause: Cause,
  judgement: Judgement,
  operatorReads: string,
): FailureRow => ({ signal, cause, ...judgement, operatorReads });

const status = (code: number, judgement: Judgement, operatorReads = String(code)) =>
  row(`status ${code}`, { fault: { kind: "status", status: code } }, judgement, operatorReads);
const api = (code: string, judgement: Judgement, operatorReads = code) =>
  row(`API error ${code}`, { fault: { kind: "api-error", code } }, judgement, operatorReads);
const http = (code: number, judgement: Judgement, operatorReads = String(code)) =>
  row(`HTTP ${code}`, { fault: { kind: "http", httpStatus: code } }, judgement, operatorReads);

/** SCF's function statuses (583/42611, 583/35311). */
const STATUSES: readonly FailureRow[] = [
  status(400, REFUSED),
  status(401, KEYS, "TENCENTCLOUD_SECRET_ID"),
  status(402, UNPAID, "Billing Center"),
  status(406, REFUSED),
  status(407, failing("FUNCTION_ANSWER_INVALID", "yes"), "6 MB"),
  status(410, UNPAID, "Billing Center"),
  status(429, BUSY, "Concurrency management"),
  status(430, FAILED),
  status(432, BUSY, "Concurrency management"),
  status(433, failing("FUNCTION_TIMEOUT", "yes")),
  status(434, FAILED, "more memory"),
  status(435, MISSING, "npm run deploy:scf"),
  status(437, MISSING, "index.main_handler"),
  status(439, FAILED),
  status(442, MISSING, "npm run deploy:scf"),
  status(500, INTERNAL),
  status(499, INTERNAL),
];

/** API errors (583/30771, 583/17235). */
const API_ERRORS: readonly FailureRow[] = [
  api("AuthFailure.InvalidAuthorization", KEYS, "Cloud Access Management"),
  api("AuthFailure.InvalidSecretId", KEYS, "TENCENTCLOUD_SECRET_ID"),
  api("AuthFailure.MFAFailure", KEYS, "Cloud Access Management"),
  api("AuthFailure.SecretIdNotFound", KEYS, "TENCENTCLOUD_SECRET_ID"),
  api("AuthFailure.SignatureExpire", KEYS, "clock"),
  api("AuthFailure.SignatureFailure", KEYS, "TENCENTCLOUD_SECRET_KEY"),
  api("AuthFailure.TokenFailure", KEYS, "Cloud Access Management"),
  api("AuthFailure.UnauthorizedOperation", KEYS, "Cloud Access Management"),
  api("UnauthorizedOperation.CAM", KEYS, "Cloud Access Management"),
  api("InternalError", INTERNAL),
  api("InternalError.System", INTERNAL),
  api("FailedOperation.FunctionStatusError", INTERNAL),
  api("InvalidParameter.Payload", REFUSED),
  api("InvalidParameterValue.Event", REFUSED),
  api("MissingParameter", REFUSED),
  api("UnknownParameter", REFUSED),
  api("UnsupportedOperation", REFUSED),
  api("RequestSizeLimitExceeded", REFUSED),
  api("LimitExceeded", BUSY, "Concurrency management"),
  api("RequestLimitExceeded", BUSY, "Concurrency management"),
  api("RequestLimitExceeded.GlobalRegionUinLimitExceeded", BUSY),
  api("RequestLimitExceeded.IPLimitExceeded", BUSY),
  api("ResourceLimitReached", BUSY),
  api("ResourceNotFound.Function", MISSING, "npm run deploy:scf"),
  api("ResourceNotFound.Namespace", MISSING, "namespace default"),
  api("ResourceNotFound.Qualifier", MISSING),
  api("UnsupportedRegion", MISSING, "TENCENTCLOUD_REGION"),
  api("InsufficientBalance", UNPAID, "Billing Center"),
  api("ResourceUnavailable.InsufficientBalance", UNPAID, "Billing Center"),
  api("ServiceSuspended", UNPAID, "Billing Center"),
  api("ACodeThatNobodyKnowsYet", INTERNAL),
];

const TRANSPORT: readonly FailureRow[] = [
  http(401, KEYS, "TENCENTCLOUD_SECRET_ID"),
  http(403, KEYS, "Cloud Access Management"),
  http(404, UNREACHED, "SCF_ENDPOINT"),
  http(413, REFUSED),
  http(429, BUSY),
  http(500, INTERNAL),
  http(502, INTERNAL),
  http(503, INTERNAL),
  http(504, LATE),
  row("refused", { setup: { endpoint: "127.0.0.1:1" } }, UNREACHED, "network"),
  row("no such host", { setup: { endpoint: "scf.invalid" } }, UNREACHED, "DNS"),
  row("cut before it ran", { fault: { kind: "reset" } }, CUT, "default"),
  row("cut after it ran", { fault: { kind: "reset-after-run" } }, CUT, "default"),
  row("an answer that is not JSON", { fault: { kind: "garbage" } }, UNREADABLE, "default"),
  row("half an answer", { fault: { kind: "truncated" } }, UNREADABLE, "default"),
  row("an empty answer", { fault: { kind: "empty" } }, UNREADABLE, "default"),
  row("no answer", { fault: { kind: "hang" }, signalMs: 200 }, LATE, "deadline"),
  row(
    "an answer that comes in drops",
    { fault: { kind: "drip", delayMs: 3_000 }, signalMs: 200 },
    LATE,
    "deadline",
  ),
  row(
    "given up before it went out",
    { signalMs: 0 },
    failing("FUNCTION_TIMEOUT", "no"),
    "deadline",
  ),
  row("a wrong key", { setup: { secretKey: "wrong" } }, KEYS, "TENCENTCLOUD_SECRET_KEY"),
  row("an unknown key id", { setup: { secretId: "AKIDother" } }, KEYS, "TENCENTCLOUD_SECRET_ID"),
  row("another region", { setup: { region: "ap-beijing" } }, MISSING, "TENCENTCLOUD_REGION"),
  row("another namespace", { setup: { namespace: "shop" } }, MISSING, "namespace shop"),
  row(
    "a function that throws",
    { event: { do: "throw", value: "no thread" } },
    FAILED,
    "no thread",
  ),
  row(
    "a function that returns nothing",
    { event: { do: "nothing" } },
    failing("FUNCTION_ANSWER_INVALID", "yes"),
    "not JSON",
  ),
  row("a function whose process ends", { event: { do: "exit" } }, FAILED, "439"),
];

export const SCF_ROWS: readonly FailureRow[] = [...STATUSES, ...API_ERRORS, ...TRANSPORT];
