import { DrapeError, type ErrorCode } from "../core/model/errors.ts";
import { sdkErrorOf } from "./sdk-error.ts";

type Verdict = { readonly code: ErrorCode; readonly hint?: string };

const busy: Verdict = { code: "CONTENT_CHECK_BUSY" };
const failed: Verdict = { code: "CONTENT_CHECK_FAILED" };
const unreadable: Verdict = { code: "IMAGE_UNREADABLE" };
const refused = (hint: string): Verdict => ({ code: "CONTENT_CHECK_CREDENTIALS", hint });
const rights = refused(
  "Check TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, that the key may use IMS and TMS, and that both services " +
    "are switched on in the console.",
);

/** API codes (IMS and TMS 2020-12-29, common ones 583/30771); the first that the code begins with decides. */
const API_CODES: readonly (readonly [prefix: string, verdict: Verdict])[] = [
  ["RequestLimitExceeded", busy],
  ["LimitExceeded", busy],
  ["AuthFailure.SignatureFailure", refused("Check TENCENTCLOUD_SECRET_KEY.")],
  ["AuthFailure.SecretIdNotFound", refused("Check TENCENTCLOUD_SECRET_ID.")],
  ["AuthFailure.SignatureExpire", refused("Set this machine's clock.")],
  ["AuthFailure", rights],
  ["UnauthorizedOperation", rights],
  ["OperationDenied", rights],
  ["UnsupportedRegion", refused("Check TENCENTCLOUD_REGION.")],
  ["InsufficientBalance", refused("Pay the Tencent Cloud account's bill.")],
  ["ResourceInsufficient", refused("Buy a package of IMS and TMS, or pay as you go.")],
  ["ResourcesSoldOut", refused("Buy a package of IMS and TMS, or pay as you go.")],
  ["InvalidParameter.ImageSizeTooSmall", unreadable],
  ["InvalidParameter.InvalidImageContent", unreadable],
  ["InvalidParameterValue.ImageSizeTooSmall", unreadable],
  ["InvalidParameterValue.InvalidFileContentSize", unreadable],
  ["InvalidParameterValue.InvalidImageContent", unreadable],
  ["ResourceUnavailable.InvalidImageContent", unreadable],
];

const MESSAGES: Partial<Record<ErrorCode, string>> = {
  CONTENT_CHECK_BUSY: "The content check is at its limit; it is asked again.",
  CONTENT_CHECK_FAILED: "The content check cannot be reached or failed; it is asked again.",
  CONTENT_CHECK_CREDENTIALS: "The content check is not available: the cloud refuses our keys.",
  IMAGE_UNREADABLE:
    "The content check cannot look at the picture: it is too small, or no whole picture.",
};

/**
 * Anything that the SDK threw, as the one DrapeError. The platform's message is not told: it may repeat the text or the
 * signed address that was sent.
 */
export function contentErrorOf(error: unknown, action: string): DrapeError {
  if (error instanceof DrapeError) return error;
  const { code, httpCode, message, requestId } = sdkErrorOf(error);
  const verdict = code === undefined ? ofStatus(httpCode) : ofApiCode(code);
  // Without a code it is the runtime's text about the connection, which knows nothing of the body.
  const said = [code ?? httpCode ?? message.slice(0, 200), requestId && `request ${requestId}`];
  const report = `${action} said: ${said.filter(Boolean).join(", ")}.`;
  return new DrapeError(verdict.code, MESSAGES[verdict.code] ?? "The content check failed.", {
    ran: "unknown",
    operatorMessage: verdict.hint === undefined ? report : `${verdict.hint} ${report}`,
  });
}

export function unreadableVerdict(action: string): DrapeError {
  return new DrapeError("CONTENT_CHECK_FAILED", "The content check's answer cannot be read.", {
    ran: "unknown",
    operatorMessage: `${action} gave an answer without a known Suggestion.`,
  });
}

function ofApiCode(code: string): Verdict {
  return API_CODES.find(([prefix]) => code.startsWith(prefix))?.[1] ?? failed;
}

function ofStatus(status: number | undefined): Verdict {
  if (status === 429) return busy;
  return status === 401 || status === 403 ? rights : failed;
}
