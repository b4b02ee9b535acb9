import type { ProviderEndpoint } from "./request-log.ts";

/** An error as a provider answers it. */
export interface DocumentedError {
  readonly status: number;
  readonly code: string;
  readonly type: string;
  readonly message: string;
}

type Group = readonly [status: number, type: string, message: string, codes: readonly string[]];

/** Volcengine's error codes (82379/1299023 and ark-cli's error-codes.md) that both its chat and its images answer. */
const ARK: readonly Group[] = [
  [
    400,
    "BadRequest",
    "The request is missing a parameter or has an invalid one.",
    ["MissingParameter", "InvalidParameter"],
  ],
  [
    400,
    "BadRequest",
    "The image URL cannot be used.",
    ["InvalidImageURL.EmptyURL", "InvalidImageURL.InvalidFormat"],
  ],
  [
    400,
    "BadRequest",
    "The request failed because the input may contain sensitive information.",
    [
      "InputTextSensitiveContentDetected",
      "InputImageSensitiveContentDetected",
      "InputImageSensitiveContentDetected.PrivacyInformation",
      "InputImageSensitiveContentDetected.PolicyViolation",
      "InputImageRiskDetection",
    ],
  ],
  [400, "BadRequest", "The content check failed.", ["ContentSecurityDetectionError"]],
  [401, "Unauthorized", "The API key is missing or invalid.", ["AuthenticationError"]],
  [401, "Unauthorized", "The account is abnormal.", ["InvalidAccountStatus"]],
  [403, "Forbidden", "The key has no access to this resource.", ["AccessDenied"]],
  [403, "Forbidden", "The account has an overdue balance.", ["AccountOverdueError"]],
  [403, "Forbidden", "The operation is not allowed.", ["OperationDenied.ServiceNotOpen"]],
  [
    404,
    "NotFound",
    "The model or endpoint does not exist or is not open to the account.",
    ["InvalidEndpointOrModel.NotFound", "ModelNotOpen"],
  ],
  [
    429,
    "TooManyRequests",
    "The rate limit is exceeded.",
    ["RateLimitExceeded.EndpointRPMExceeded", "AccountRateLimitExceeded", "RequestBurstTooFast"],
  ],
  [
    429,
    "TooManyRequests",
    "The quota or the limit that was set is used up.",
    ["QuotaExceeded", "SetLimitExceeded"],
  ],
  [
    429,
    "TooManyRequests",
    "The service is at its limit.",
    ["InflightBatchsizeExceeded", "ServerOverloaded"],
  ],
  [500, "InternalServerError", "The service encountered an error.", ["InternalServiceError"]],
];
const ARK_IMAGES: readonly Group[] = [
  ...ARK,
  [
    400,
    "BadRequest",
    "The request failed because the output image may contain sensitive information.",
    ["OutputImageSensitiveContentDetected", "OutputImageRiskDetection"],
  ],
  [
    429,
    "TooManyRequests",
    "The images per minute of the model are exceeded.",
    ["ModelAccountIpmRateLimitExceeded"],
  ],
];

/** OpenAI's guide to error codes. Billing errors share a type; their code says what is used up. */
const OPENAI: readonly Group[] = [
  [400, "invalid_request_error", "A parameter is invalid.", ["invalid_value"]],
  [400, "invalid_request_error", "The billing limit is reached.", ["billing_hard_limit_reached"]],
  [401, "invalid_request_error", "Incorrect API key provided.", ["invalid_api_key"]],
  [401, "invalid_request_error", "The account is deactivated.", ["account_deactivated"]],
  [
    403,
    "request_forbidden",
    "Country, region, or territory not supported.",
    ["unsupported_country_region_territory"],
  ],
  [404, "invalid_request_error", "The model does not exist.", ["model_not_found"]],
  [429, "requests", "Rate limit reached for requests.", ["rate_limit_exceeded"]],
  [
    429,
    "insufficient_quota",
    "You exceeded your current quota, please check your plan and billing details.",
    [
      "insufficient_quota",
      "credit_balance_exhausted",
      "project_spend_limit_exceeded",
      "organization_spend_limit_exceeded",
      "organization_usage_limit_exceeded",
    ],
  ],
  [500, "server_error", "The server had an error while processing your request.", ["server_error"]],
  [
    503,
    "service_unavailable_error",
    "The servers are overloaded.",
    ["server_is_overloaded", "slow_down"],
  ],
];
const OPENAI_IMAGES: readonly Group[] = [
  ...OPENAI,
  [
    400,
    "image_generation_user_error",
    "Your request was rejected by the safety system. safety_violations=[sexual].",
    ["moderation_blocked"],
  ],
  [
    400,
    "invalid_request_error",
    "Your request was rejected as a result of our safety system.",
    ["content_policy_violation"],
  ],
];
const OPENAI_CHAT: readonly Group[] = [
  ...OPENAI,
  [400, "invalid_request_error", "The content was filtered.", ["content_filter"]],
];

/** TokenHub speaks OpenAI's wire and lists no codes: these are the usual ones of that wire. */
const TOKENHUB: readonly Group[] = [
  [400, "invalid_request_error", "A parameter is invalid.", ["invalid_value"]],
  [400, "invalid_request_error", "The content was filtered.", ["content_filter"]],
  [401, "invalid_request_error", "Incorrect API key provided.", ["invalid_api_key"]],
  [402, "payment_required", "The balance is used up.", ["insufficient_balance"]],
  [403, "forbidden", "The key may not use this model.", ["access_denied"]],
  [404, "invalid_request_error", "The model does not exist.", ["model_not_found"]],
  [429, "insufficient_quota", "You exceeded your current quota.", ["insufficient_quota"]],
  [429, "requests", "Rate limit reached for requests.", ["rate_limit_exceeded"]],
  [500, "server_error", "The server had an error.", ["server_error"]],
  [503, "server_error", "The service is unavailable.", ["service_unavailable"]],
];

const listed = (groups: readonly Group[]): readonly DocumentedError[] =>
  groups.flatMap(([status, type, message, codes]) =>
    codes.map((code) => ({ status, code, type, message })),
  );

/** The errors that each provider documents, by the endpoint that answers them. */
export const DOCUMENTED_ERRORS: Readonly<Record<ProviderEndpoint, readonly DocumentedError[]>> = {
  "chat.tokenhub": listed(TOKENHUB),
  "chat.ark": listed(ARK),
  "chat.openai": listed(OPENAI_CHAT),
  "images.ark": listed(ARK_IMAGES),
  "images.openai": listed(OPENAI_IMAGES),
};

export function findDocumentedError(
  endpoint: ProviderEndpoint,
  code: string,
): DocumentedError | undefined {
  return DOCUMENTED_ERRORS[endpoint].find((error) => error.code === code);
}
