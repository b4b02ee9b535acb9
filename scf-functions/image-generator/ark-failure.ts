import type { FunctionFailureCode } from "../../core/contracts/function-answer.ts";
import { type ProviderError, quoteProvider } from "../call-provider.ts";
import { FunctionError } from "../function-error.ts";

type Rule = {
  readonly when: RegExp;
  readonly code: FunctionFailureCode;
  readonly message: string;
};

/**
 * Ark's error codes (volcengine/ark-cli error-codes.md and 82379/1299023) as ours, first match wins. A code
 * says more than the status: the same 401 or 403 can mean a wrong key or an unpaid bill.
 */
const RULES: readonly Rule[] = [
  {
    // The check itself broke down: nothing was judged, and asking again is allowed.
    when: /^ContentSecurityDetectionError/,
    code: "PROVIDER_FAILED",
    message: "The image model's content check failed; nothing was made.",
  },
  {
    when: /^InputText(SensitiveContentDetected|RiskDetection)/,
    code: "CONTENT_REJECTED",
    message: "The description was rejected by the image model's content check. Change its words.",
  },
  {
    when: /^InputImage(SensitiveContentDetected|RiskDetection)/,
    code: "CONTENT_REJECTED",
    message: "A garment photo was rejected by the image model's content check. Use another photo.",
  },
  {
    when: /^OutputImage(SensitiveContentDetected|RiskDetection)/,
    code: "CONTENT_REJECTED",
    message:
      "The finished image was rejected by the image model's content check. Try other wishes.",
  },
  {
    when: /SensitiveContent|RiskDetection/,
    code: "CONTENT_REJECTED",
    message: "The content was rejected by the image model's content check.",
  },
  {
    when: /^(AccountOverdueError|InvalidAccountStatus)/,
    code: "PROVIDER_UNPAID",
    message: "The image model's account is overdue or closed.",
  },
  {
    // No waiting helps: a free quota or a spending limit is used up until somebody raises it.
    when: /^(QuotaExceeded|SetLimitExceeded)/,
    code: "PROVIDER_UNPAID",
    message: "The image model's quota or spending limit is used up.",
  },
  {
    when: /RateLimit|^ServerOverloaded|^RequestBurstTooFast|^InflightBatchsizeExceeded/,
    code: "PROVIDER_BUSY",
    message: "The image model is at its limit.",
  },
  {
    when: /^(AuthenticationError|AccessDenied)/,
    code: "PROVIDER_CREDENTIALS",
    message: "The image model refuses our key (ARK_API_KEY).",
  },
  {
    when: /^Internal(ServiceError|ServerError|Error)/,
    code: "PROVIDER_FAILED",
    message: "The image model failed.",
  },
];

/**
 * What an error answer of Ark, or an `error` in place of one picture, means for us. Ark bills made pictures
 * only, so its own errors prove ran "no"; a 5xx without Ark's body may come from a gateway: "unknown".
 */
export function arkFailure(error: ProviderError, apiKey: string): FunctionError {
  const rule = RULES.find(({ when }) => when.test(error.code)) ?? ruleOfStatus(error.status);
  const ran = error.status >= 500 && !error.isProvidersOwn ? "unknown" : "no";
  const message =
    rule.code === "PROVIDER_REQUEST_REFUSED"
      ? `${rule.message} ${quoteProvider(error, apiKey)}`
      : rule.message;
  return new FunctionError(rule.code, message, {
    ran,
    providerCode: error.code,
    retryAfterMs: rule.code === "PROVIDER_BUSY" ? error.retryAfterMs : undefined,
  });
}

function ruleOfStatus(status: number): Omit<Rule, "when"> {
  if (status === 401 || status === 403) {
    return {
      code: "PROVIDER_CREDENTIALS",
      message: "The image model refuses our key (ARK_API_KEY).",
    };
  }
  if (status === 429) {
    return { code: "PROVIDER_BUSY", message: "The image model is at its limit." };
  }
  if (status >= 500) return { code: "PROVIDER_FAILED", message: "The image model failed." };
  return {
    code: "PROVIDER_REQUEST_REFUSED",
    message: "The image model refused the request:",
  };
}
