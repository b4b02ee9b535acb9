import type { FailureRow } from "../shared/classify-failure.ts";

/** What the status of an image provider's answer means where its code is not known. */
export const STATUS_FAILURES: readonly FailureRow[] = [
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
