import type { FunctionFailureCode } from "../../core/function-schemas/function-answer.ts";
import type { ProviderEndpoint } from "../../local/provider-emulators/request-log.ts";

/** The class of errors, then how long to leave the provider alone where we say so, then the errors. */
export type ProviderRows = readonly [FunctionFailureCode, number | undefined, readonly string[]];

const ark = (minuteLimitMs: number): readonly ProviderRows[] => [
  [
    "CONTENT_REJECTED",
    undefined,
    [
      "InputTextSensitiveContentDetected",
      "InputImageSensitiveContentDetected",
      "InputImageSensitiveContentDetected.PrivacyInformation",
      "InputImageSensitiveContentDetected.PolicyViolation",
      "InputImageRiskDetection",
    ],
  ],
  [
    "PROVIDER_UNPAID",
    undefined,
    ["InvalidAccountStatus", "AccountOverdueError", "QuotaExceeded", "SetLimitExceeded"],
  ],
  [
    "PROVIDER_CREDENTIALS",
    undefined,
    ["AuthenticationError", "AccessDenied", "OperationDenied.ServiceNotOpen"],
  ],
  [
    "PROVIDER_REQUEST_REFUSED",
    undefined,
    [
      "MissingParameter",
      "InvalidParameter",
      "InvalidImageURL.EmptyURL",
      "InvalidImageURL.InvalidFormat",
      "InvalidEndpointOrModel.NotFound",
      "ModelNotOpen",
    ],
  ],
  [
    "PROVIDER_BUSY",
    minuteLimitMs,
    ["RateLimitExceeded.EndpointRPMExceeded", "AccountRateLimitExceeded"],
  ],
  ["PROVIDER_BUSY", 1_000, ["RequestBurstTooFast"]],
  ["PROVIDER_BUSY", 2_000, ["InflightBatchsizeExceeded", "ServerOverloaded"]],
  ["PROVIDER_FAILED", undefined, ["ContentSecurityDetectionError", "InternalServiceError"]],
];
const openai = (minuteLimitMs: number): readonly ProviderRows[] => [
  [
    "PROVIDER_UNPAID",
    undefined,
    [
      "insufficient_quota",
      "credit_balance_exhausted",
      "project_spend_limit_exceeded",
      "organization_spend_limit_exceeded",
      "organization_usage_limit_exceeded",
      "billing_hard_limit_reached",
      "account_deactivated",
    ],
  ],
  ["PROVIDER_CREDENTIALS", undefined, ["invalid_api_key", "unsupported_country_region_territory"]],
  ["PROVIDER_REQUEST_REFUSED", undefined, ["invalid_value", "model_not_found"]],
  ["PROVIDER_BUSY", minuteLimitMs, ["rate_limit_exceeded"]],
  ["PROVIDER_BUSY", 2_000, ["server_is_overloaded", "slow_down"]],
  ["PROVIDER_FAILED", undefined, ["server_error"]],
];

/** By the documents, held against the functions' own tables and against the product behind the real SDK. */
export const PROVIDER_ROWS: Readonly<Record<ProviderEndpoint, readonly ProviderRows[]>> = {
  "images.ark": [
    ...ark(10_000),
    [
      "CONTENT_REJECTED",
      undefined,
      ["OutputImageSensitiveContentDetected", "OutputImageRiskDetection"],
    ],
    ["PROVIDER_BUSY", 10_000, ["ModelAccountIpmRateLimitExceeded"]],
  ],
  "images.openai": [
    ...openai(10_000),
    ["CONTENT_REJECTED", undefined, ["moderation_blocked", "content_policy_violation"]],
  ],
  "chat.ark": ark(1_000),
  "chat.openai": [...openai(1_000), ["CONTENT_REJECTED", undefined, ["content_filter"]]],
  "chat.tokenhub": [
    ["CONTENT_REJECTED", undefined, ["content_filter"]],
    ["PROVIDER_UNPAID", undefined, ["insufficient_balance", "insufficient_quota"]],
    ["PROVIDER_CREDENTIALS", undefined, ["invalid_api_key", "access_denied"]],
    ["PROVIDER_REQUEST_REFUSED", undefined, ["invalid_value", "model_not_found"]],
    ["PROVIDER_BUSY", 1_000, ["rate_limit_exceeded"]],
    ["PROVIDER_FAILED", undefined, ["server_error", "service_unavailable"]],
  ],
};
