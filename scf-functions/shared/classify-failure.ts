import type { FunctionFailureCode, Ran } from "../../core/function-schemas/function-answer.ts";
import { type ProviderError, quoteProvider } from "./provider-error.ts";
import { FunctionError } from "./function-error.ts";

/** What an error answer of a provider means for us. A table of these is read from above; the first match wins. */
export type FailureRow = {
  /** Of the provider's own code; left out where the status alone tells. */
  readonly when?: RegExp;
  /** The HTTP status must match too: /^429$/. */
  readonly status?: RegExp;
  /** Where else `when` may be found: OpenAI's billing errors share a type, undocumented codes have telling words. */
  readonly also?: readonly ("type" | "message")[];
  readonly code: FunctionFailureCode;
  readonly ran: Ran;
  /** Plain English for whoever reads the failure; `{key}` becomes the name of the key's variable. */
  readonly message: string;
  /** How long to leave the provider alone when it does not say so itself. */
  readonly retryAfterMs?: number;
  /** Refused for a reason that lies in our account and not in the request: another provider may do it. */
  readonly elsewhere?: true;
};

export type ProviderKey = {
  readonly apiKey: string;
  /** The variable that holds the key, for the operator. */
  readonly keyName: string;
};

/** Above these rows nothing is known: an unknown 4xx is our request's fault. */
const UNKNOWN: FailureRow = {
  code: "PROVIDER_REQUEST_REFUSED",
  ran: "no",
  message: "The model refused the request:",
};

/**
 * The failure of an error answer. A provider's own error tells that it made and billed nothing; a 5xx without its
 * body may come from a gateway, which does not know: ran "unknown", whatever the row says.
 */
export function classifyFailure(
  table: readonly FailureRow[],
  error: ProviderError,
  { apiKey, keyName }: ProviderKey,
): FunctionError {
  const row = rowOf(table, error) ?? UNKNOWN;
  const mayPass = row.code === "PROVIDER_BUSY" || row.code === "PROVIDER_FAILED";
  const words = row.message.replace("{key}", keyName);
  return new FunctionError(
    row.code,
    row.code === "PROVIDER_REQUEST_REFUSED" ? `${words} ${quoteProvider(error, apiKey)}` : words,
    {
      ran: error.status >= 500 && !error.isProvidersOwn ? "unknown" : row.ran,
      providerCode: error.code,
      retryAfterMs: mayPass ? (error.retryAfterMs ?? row.retryAfterMs) : undefined,
      elsewhere: row.elsewhere,
    },
  );
}

/** The row that decides; undefined when the table knows nothing of such an error. */
export function rowOf(table: readonly FailureRow[], error: ProviderError): FailureRow | undefined {
  return table.find((row) => matches(row, error));
}

function matches({ when, status, also = [] }: FailureRow, error: ProviderError): boolean {
  if (status !== undefined && !status.test(String(error.status))) return false;
  if (when === undefined) return true;
  return when.test(error.code) || also.some((member) => when.test(error[member]));
}
