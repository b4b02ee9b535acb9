import type { FailureRow } from "../shared/classify-failure.ts";
import { STATUS_FAILURES } from "./status-failures.ts";

const MINUTE_LIMIT_MS = 10_000;

/**
 * Ark's error codes (volcengine/ark-cli error-codes.md and 82379/1299023) as ours. A code says more than the status:
 * the same 401 or 403 can mean a wrong key or an unpaid bill. Ark bills delivered pictures only, so its own errors
 * prove that nothing ran.
 */
export const ARK_FAILURES: readonly FailureRow[] = [
  {
    // The check itself broke down: nothing was judged, and asking again is allowed.
    when: /^ContentSecurityDetectionError/,
    code: "PROVIDER_FAILED",
    ran: "no",
    message: "The image model's content check failed; nothing was made.",
  },
  {
    when: /^InputText(SensitiveContentDetected|RiskDetection)/,
    code: "CONTENT_REJECTED",
    ran: "no",
    message: "The description was rejected by the image model's content check. Change its words.",
  },
  {
    when: /^InputImage(SensitiveContentDetected|RiskDetection)/,
    code: "CONTENT_REJECTED",
    ran: "no",
    message: "A garment photo was rejected by the image model's content check. Use another photo.",
  },
  {
    when: /^OutputImage(SensitiveContentDetected|RiskDetection)/,
    code: "CONTENT_REJECTED",
    ran: "no",
    message:
      "The finished image was rejected by the image model's content check. Try another prompt or style.",
  },
  {
    when: /SensitiveContent|RiskDetection/,
    code: "CONTENT_REJECTED",
    ran: "no",
    message: "The content was rejected by the image model's content check.",
  },
  {
    when: /^(AccountOverdueError|InvalidAccountStatus)/,
    code: "PROVIDER_UNPAID",
    ran: "no",
    message: "The image model's account is overdue or closed.",
  },
  {
    // No waiting helps: a free quota or a spending limit is used up until somebody raises it.
    when: /^(QuotaExceeded|SetLimitExceeded)/,
    code: "PROVIDER_UNPAID",
    ran: "no",
    message: "The image model's quota or spending limit is used up.",
  },
  {
    when: /^RequestBurstTooFast/,
    code: "PROVIDER_BUSY",
    ran: "no",
    message: "The image model is at its limit.",
    retryAfterMs: 1_000,
  },
  {
    when: /^(ServerOverloaded|InflightBatchsizeExceeded)/,
    code: "PROVIDER_BUSY",
    ran: "no",
    message: "The image model is overloaded.",
    retryAfterMs: 2_000,
  },
  {
    when: /RateLimit/,
    code: "PROVIDER_BUSY",
    ran: "no",
    message: "The image model is at its limit of requests a minute.",
    retryAfterMs: MINUTE_LIMIT_MS,
  },
  {
    when: /^(AuthenticationError|AccessDenied|OperationDenied)/,
    code: "PROVIDER_CREDENTIALS",
    ran: "no",
    message: "The image model refuses our key ({key}).",
  },
  {
    // Of one model alone, which a customer may have chosen: no reason to pause the function for all.
    when: /^(ModelNotOpen|InvalidEndpointOrModel)/,
    code: "PROVIDER_REQUEST_REFUSED",
    ran: "no",
    message: "The image model is not open to our account:",
    elsewhere: true,
  },
  {
    when: /^Internal(ServiceError|ServerError|Error)/,
    code: "PROVIDER_FAILED",
    ran: "no",
    message: "The image model failed.",
  },
  {
    when: /^(MissingParameter|InvalidParameter|InvalidImageURL)/,
    code: "PROVIDER_REQUEST_REFUSED",
    ran: "no",
    message: "The image model refused the request:",
  },
  ...STATUS_FAILURES,
];
