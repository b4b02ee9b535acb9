import type { FailureRow } from "../shared/classify-failure.ts";
import { STATUS_FAILURES } from "./status-failures.ts";

/**
 * OpenAI's error codes (its guide to error codes, and what its image routes answer) as ours. What is spent and what
 * comes too fast share the status 429: the code or the type tells them apart. Only a delivered picture is billed.
 */
export const OPENAI_FAILURES: readonly FailureRow[] = [
  {
    when: /^(moderation_blocked|content_policy_violation|content_filter)/,
    code: "CONTENT_REJECTED",
    ran: "no",
    message:
      "The description, a photo or the finished image was rejected by the image model's content check.",
  },
  {
    when: /^(insufficient_quota|credit_balance_exhausted|billing_|(organization|project)_(spend|usage)_limit)/,
    also: ["type"],
    code: "PROVIDER_UNPAID",
    ran: "no",
    message: "The image model's quota or spending limit is used up.",
  },
  {
    when: /^account_deactivated/,
    code: "PROVIDER_UNPAID",
    ran: "no",
    message: "The image model's account is closed.",
  },
  {
    when: /^(slow_down|server_is_overloaded)/,
    code: "PROVIDER_BUSY",
    ran: "no",
    message: "The image model is overloaded.",
    retryAfterMs: 2_000,
  },
  {
    when: /^rate_limit/,
    code: "PROVIDER_BUSY",
    ran: "no",
    message: "The image model is at its limit of requests a minute.",
    retryAfterMs: 10_000,
  },
  {
    when: /^(invalid_api_key|unsupported_country|ip_not_authorized|missing_scope)/,
    code: "PROVIDER_CREDENTIALS",
    ran: "no",
    message: "The image model refuses our key ({key}).",
  },
  {
    when: /^model_not_found/,
    code: "PROVIDER_REQUEST_REFUSED",
    ran: "no",
    message: "The image model is not open to our account:",
    elsewhere: true,
  },
  ...STATUS_FAILURES,
  {
    status: /^4/,
    code: "PROVIDER_REQUEST_REFUSED",
    ran: "no",
    message: "The image model refused the request:",
  },
];
