import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";
import { FunctionError } from "./function-error.ts";
import { exchangeHttp, HttpExchangeError } from "../../net/http-exchange.ts";

export type ProviderRequest = {
  readonly url: URL;
  readonly apiKey: string;
  /** Encoded once by the caller: several requests may share it. JSON unless `contentType` says otherwise. */
  readonly body: Buffer;
  readonly contentType?: string;
  readonly signal: AbortSignal;
  /** Of the answer; 2 MB unless told, which holds any answer without a picture in it. */
  readonly bytesMax?: number;
  /** Called with the parts of an answer that is an event stream as they come, also of one that breaks later. */
  readonly onEvents?: (part: Buffer) => void;
};

export type ProviderAnswer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
};

const ANSWER_BYTES_MAX = 2_000_000;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * One POST with a bearer key; any status resolves. Without an answer it throws: PROVIDER_FAILED
 * (ran "no") when the request cannot have arrived, else PROVIDER_TIMEOUT (ran "unknown"); an answer above
 * its limit is PROVIDER_ANSWER_INVALID.
 */
export async function callProvider(request: ProviderRequest): Promise<ProviderAnswer> {
  const { bytesMax = ANSWER_BYTES_MAX, onEvents } = request;
  try {
    const answer = await exchangeHttp({
      url: request.url,
      method: "POST",
      headers: {
        "Content-Type": request.contentType ?? "application/json",
        Accept: onEvents === undefined ? "application/json" : "application/json, text/event-stream",
        Authorization: `Bearer ${request.apiKey}`,
      },
      body: request.body,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      bytesMax,
      signal: request.signal,
      ...(onEvents === undefined
        ? {}
        : { onPart: (part, head) => void (isEventStream(head) && onEvents(part)) }),
    });
    const { status, headers } = answer;
    return { status, headers, json: parseJson(answer.body.toString("utf8")) };
  } catch (error) {
    throw error instanceof HttpExchangeError ? wireFailure(error, bytesMax) : error;
  }
}

/** Whether the answer comes as events, which may end before all is told. */
export const isEventStream = ({ status, headers }: Pick<ProviderAnswer, "status" | "headers">) =>
  status === 200 && (headers["content-type"] ?? "").startsWith("text/event-stream");

function wireFailure(error: HttpExchangeError, bytesMax: number): FunctionError {
  const providerCode = error.wireCode;
  if (!error.sent) {
    const code = error.reason === "timeout" ? "PROVIDER_TIMEOUT" : "PROVIDER_FAILED";
    return new FunctionError(code, "The AI provider cannot be reached.", { providerCode });
  }
  if (error.reason === "too-large") {
    const message = `The AI provider's answer is larger than ${bytesMax / 1_000_000} MB.`;
    return new FunctionError("PROVIDER_ANSWER_INVALID", message, { ran: "unknown", providerCode });
  }
  const message =
    error.reason === "timeout"
      ? "The AI provider took too long to answer."
      : "The connection to the AI provider broke before its answer.";
  return new FunctionError("PROVIDER_TIMEOUT", message, { ran: "unknown", providerCode });
}

/** Whether it says by its status that the work was done. */
export const isDone = ({ status }: ProviderAnswer): boolean => status >= 200 && status < 300;

/** JSON or undefined. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

const LOOPBACK_HOSTS: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];

/** True for plain http on this machine: development emulators only. */
export function isLoopbackHttp(url: URL): boolean {
  return url.protocol === "http:" && LOOPBACK_HOSTS.includes(url.hostname);
}

/** A provider's base URL: https, since a key travels with each request, or http on loopback. */
export const baseUrlSchema = z
  .url()
  .refine(
    (text) => text.startsWith("https:") || isLoopbackHttp(new URL(text)),
    "an https URL (http on loopback only)",
  )
  .transform((text) => text.replace(/\/+$/, ""));
