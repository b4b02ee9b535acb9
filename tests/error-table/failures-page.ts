import { codeOfFailure, ERRORS, type ErrorCode } from "../../core/model/errors.ts";
import { PROVIDER_ENDPOINTS } from "../../local/provider-emulators/request-log.ts";
import { PROVIDER_ROWS } from "./provider-rows.ts";
import { SCF_ROWS } from "./scf-rows.ts";

/** `docs/failures.md`: every row that the tests drive, as a page to read. */
export function failuresPage(): string {
  return [
    "# Failures, told apart",
    "",
    "Made from the rows that `tests/error-table/` drives through the real SDK on Bun and on Node: `bun tests/error-table/write-page.ts`.",
    "",
    "*Ran* says whether the paid work may have been done. `retry` spends an attempt of the task (three), after a backoff",
    "with jitter that is never shorter than what the other side asked for; `delay` and `pause` spend nothing and end with the",
    "task's deadline; `pause` stops the function for all workers with one loud line and one look at a time whether it works",
    "again; `fail` is final. What `ran: unknown` leaves open is waited out before anything is asked for again. The customer",
    "reads a code's title in the problem or in `task.error`, and never a key, a host or the platform's words.",
    "",
    "A call of ai-image-processor that ends with its instance (430, 433, 434, 439) over a customer's photo counts for the",
    "circuit only when photos of three customers end so within 30 s, or one that passed before; until then it is the photo's,",
    "which is refused as `IMAGE_TOO_COSTLY` after a second try alone.",
    "",
    "## What a call of a function meets",
    "",
    "| signal | code | ran | then | circuit | whose | the operator's line names |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...SCF_ROWS.map(
      (row) =>
        `| ${row.signal} | \`${row.code}\` | ${row.ran} | ${row.outcome} | ${row.tripsCircuit ? "counts" : ""} | ${row.whose} | ${row.operatorReads} |`,
    ),
    "",
    "## What a provider answers",
    "",
    "All of these prove that nothing was made or billed (`ran: no`); with a second provider configured the next one is asked",
    "where [decision 0008](decisions/0008-providers.md) allows it.",
    "",
    "| provider | its errors | code | then | circuit | whose | left alone for |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...PROVIDER_ENDPOINTS.flatMap((endpoint) =>
      PROVIDER_ROWS[endpoint].map(([code, retryAfterMs, errors]) => {
        const { outcome, tripsCircuit, whose } = ERRORS[codeOfFailure(code)];
        const wait = retryAfterMs === undefined ? "" : `${retryAfterMs / 1_000} s`;
        return `| ${endpoint} | ${errors.join(", ")} | \`${code}\` | ${outcome} | ${tripsCircuit ? "counts" : ""} | ${whose} | ${wait} |`;
      }),
    ),
    "",
    "## Every code",
    "",
    "| code | status | the customer reads | then | may send again | whose |",
    "| --- | --- | --- | --- | --- | --- |",
    ...Object.keys(ERRORS).map((name) => {
      const { status, title, outcome, retryable, whose } = ERRORS[name as ErrorCode]; // a key of this very table
      return `| \`${name}\` | ${status} | ${title} | ${outcome} | ${retryable ? "yes" : ""} | ${whose} |`;
    }),
    "",
  ].join("\n");
}
