import type { FailureRow } from "../shared/classify-failure.ts";
import {
  REJECTED_CODES,
  REJECTED_WORDS,
  UNPAID_CODES,
  UNPAID_WORDS,
} from "../shared/failure-words.ts";

const UNPAID = {
  code: "PROVIDER_UNPAID",
  ran: "no",
  message: "The prompt model's account is not paid.",
} as const;
const REJECTED = {
  code: "CONTENT_REJECTED",
  ran: "no",
  message: "The photos or the words were rejected by the prompt model's content check.",
} as const;

/**
 * Errors of an OpenAI-shaped chat endpoint as ours: OpenAI's own codes, Ark's (its chat answers them too), and by
 * their words those of TokenHub, which documents none. A provider's own error proves that it wrote nothing.
 */
export const CHAT_FAILURES: readonly FailureRow[] = [
  {
    when: /^ContentSecurityDetectionError/,
    code: "PROVIDER_FAILED",
    ran: "no",
    message: "The prompt model's content check failed; nothing was written.",
  },
  {
    when: /^(QuotaExceeded|SetLimitExceeded|InvalidAccountStatus|credit_balance|billing_|account_deactivated|(organization|project)_(spend|usage)_limit)/,
    code: "PROVIDER_UNPAID",
    ran: "no",
    message: "The prompt model's quota or spending limit is used up, or its account is closed.",
  },
  { ...UNPAID, when: UNPAID_CODES, also: ["type"] },
  { ...UNPAID, status: /^402$/ },
  { ...UNPAID, status: /^4/, when: UNPAID_WORDS, also: ["message"] },
  { ...REJECTED, status: /^4/, when: REJECTED_CODES, also: ["type"] },
  { ...REJECTED, status: /^4(?!01|29)/, when: REJECTED_WORDS, also: ["message"] },
  {
    status: /^40[13]$/,
    code: "PROVIDER_CREDENTIALS",
    ran: "no",
    message: "The prompt model refuses our key ({key}).",
  },
  {
    when: /^(ServerOverloaded|InflightBatchsizeExceeded|slow_down|server_is_overloaded)/,
    code: "PROVIDER_BUSY",
    ran: "no",
    message: "The prompt model is overloaded.",
    retryAfterMs: 2_000,
  },
  {
    status: /^429$/,
    code: "PROVIDER_BUSY",
    ran: "no",
    message: "The prompt model is at its limit.",
    retryAfterMs: 1_000,
  },
  { status: /^5/, code: "PROVIDER_FAILED", ran: "no", message: "The prompt model failed." },
  {
    // The configured model, since customers choose none.
    when: /^(ModelNotOpen|InvalidEndpointOrModel|model_not_found)/,
    code: "PROVIDER_REQUEST_REFUSED",
    ran: "no",
    message: "The prompt model is not open to our account:",
    elsewhere: true,
  },
  {
    status: /^4/,
    code: "PROVIDER_REQUEST_REFUSED",
    ran: "no",
    message: "The prompt model refused the request:",
  },
];
