import { z } from "zod";
import type { ProviderAnswer } from "./call-provider.ts";
import { REJECTED_CODES, REJECTED_WORDS, UNPAID_CODES, UNPAID_WORDS } from "./failure-words.ts";

/** What OpenAI's wire and Ark's say about an error, read leniently. */
export type ProviderError = {
  readonly status: number;
  readonly code: string;
  /** OpenAI's wire tells a family of codes here. */
  readonly type: string;
  readonly message: string;
  readonly retryAfterMs: number | undefined;
  /** True when the provider itself answered; a gateway in front of it may not know what it did. */
  readonly isProvidersOwn: boolean;
};

type Said = Pick<ProviderError, "code" | "type" | "message"> & {
  /** The status that the body names, where the answer's own tells nothing. */
  readonly status: number | undefined;
  readonly isProvidersOwn: boolean;
};

const RETRY_AFTER_MAX_MS = 10 * 60_000;

/** Reads an answer whose status is not 2xx. */
export function readProviderError({ status, headers, json }: ProviderAnswer): ProviderError {
  const said = readSaid(json);
  return {
    status,
    code: said?.code || String(status),
    type: said?.type ?? "",
    message: said?.message ?? "",
    retryAfterMs: readRetryAfter(headers["retry-after"]),
    isProvidersOwn: said?.isProvidersOwn ?? false,
  };
}

/**
 * The error that a body tells though its status says that all went well: an answer of a gateway, or an event of a
 * stream. It counts as if it had come with the status that its words imply. Null when the body tells none for certain:
 * a member `code` alone may be anything, unless its words are known.
 */
export function readHiddenError(
  json: unknown,
  headers: ProviderAnswer["headers"] = {},
): ProviderError | null {
  const said = readSaid(json);
  if (said === null || [said.code, said.type, said.message].every((words) => words === "")) {
    return null;
  }
  const implied = said.status ?? impliedStatus(said);
  if (implied === undefined && !said.isProvidersOwn) return null;
  const status = implied ?? 500;
  return {
    ...said,
    status,
    code: said.code || String(status),
    retryAfterMs: readRetryAfter(headers["retry-after"]),
    isProvidersOwn: true,
  };
}

const text = z
  .union([z.string(), z.number().transform(String)])
  .nullish()
  .catch(undefined);
const wordsSchema = z.object({
  code: text,
  type: text,
  message: text,
  msg: text,
  status: text,
  // Tencent Cloud's, MiniMax's and Baidu's names for the same.
  Code: text,
  Message: text,
  status_code: text,
  status_msg: text,
  error_code: text,
  error_msg: text,
  detail: text,
});

/** Where a body may hold an error: an object or a text of its own, or its top. */
function readSaid(json: unknown): Said | null {
  const body = objectOf(json);
  if (body === null) return null;
  const own = objectOf(body["error"]) ?? objectOf(listOf(body["errors"])[0]);
  if (own !== null) return saidOf(own, true);
  const inner = objectOf(objectOf(body["Response"])?.["Error"]) ?? objectOf(body["base_resp"]);
  const said = saidOf(inner ?? body, false);
  const word = body["error"];
  if (typeof word !== "string" || word === "") return said;
  const isSentence = /\s/.test(word);
  return {
    ...said,
    code: said.code || (isSentence ? "" : word),
    message: said.message || word,
    isProvidersOwn: true,
  };
}

function saidOf(words: Record<string, unknown>, isProvidersOwn: boolean): Said {
  const read = wordsSchema.safeParse(words).data;
  const type = read?.type ?? "";
  const code = read?.code ?? read?.Code ?? read?.status_code ?? read?.error_code ?? "";
  const message =
    read?.message ?? read?.msg ?? read?.Message ?? read?.status_msg ?? read?.error_msg ?? "";
  return {
    code: code || (isProvidersOwn ? type : ""),
    type,
    message: message || (read?.detail ?? ""),
    status: [read?.status, code].map(Number).find((status) => status >= 400 && status <= 599),
    isProvidersOwn,
  };
}

/** The status that such a code comes with where providers say it by the status too; the first match wins. */
const IMPLIED: readonly (readonly [RegExp, number])[] = [
  [UNPAID_CODES, 402],
  [REJECTED_CODES, 400],
  [/rate_?limit|too_?many|throttl|overload|slow_down|inflight|burst|_busy|^busy/i, 429],
  [
    /api_?key|authenti|unauthori|denied|permission|forbidden|unsupported_country|not_authorized/i,
    401,
  ],
  [/internal|server_error|unavailable|upstream|time_?out/i, 500],
  [/^(invalid|missing|bad_?request|unsupported)|not_?(found|open|exist)/i, 400],
];

function impliedStatus({ code, type, message }: Said): number | undefined {
  for (const words of [code, type]) {
    const implied = IMPLIED.find(([pattern]) => pattern.test(words));
    if (implied !== undefined) return implied[1];
  }
  if (UNPAID_WORDS.test(message)) return 402;
  return REJECTED_WORDS.test(message) ? 400 : undefined;
}

/** Seconds or a date (RFC 9110, 10.2.3), as milliseconds from now, at most 10 minutes. */
function readRetryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), RETRY_AFTER_MAX_MS);
}

/** The provider's own words for the one who reads our failure: short, and without our key. */
export function quoteProvider(error: ProviderError, apiKey: string): string {
  const words = error.message.replaceAll(apiKey, "***").replace(/\s+/g, " ").trim();
  return words === "" ? `status ${error.status}` : words.slice(0, 300);
}

/** The value as an object with members; null for anything else. */
export function objectOf(value: unknown): Record<string, unknown> | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return Object.fromEntries(Object.entries(value));
}

/** The value as a list; empty for anything else. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
