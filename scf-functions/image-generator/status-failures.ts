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
  message: "The image model's account is not paid, or its quota is used up.",
} as const;
const REJECTED = {
  code: "CONTENT_REJECTED",
  ran: "no",
  message:
    "The description, a photo or the finished image was rejected by the image model's content check.",
} as const;

/** What the words and the status of an image provider's answer mean where its code is not known. */
export const STATUS_FAILURES: readonly FailureRow[] = [
  { ...UNPAID, when: UNPAID_CODES, also: ["type"] },
  { ...UNPAID, status: /^402$/ },
  { ...UNPAID, status: /^4/, when: UNPAID_WORDS, also: ["message"] },
  { ...REJECTED, status: /^4/, when: REJECTED_CODES, also: ["type"] },
  { ...REJECTED, status: /^4(?!01|29)/, when: REJECTED_WORDS, also: ["message"] },
  {
    status: /^40[13]$/,
    code: "PROVIDER_CREDENTIALS",
    ran: "no",
    message: "The image model refuses our key ({key}).",
  },
  {
    status: /^429$/,
    code: "PROVIDER_BUSY",
    ran: "no",
    message: "The image model is at its limit.",
  },
  { status: /^5/, code: "PROVIDER_FAILED", ran: "no", message: "The image model failed." },
];
