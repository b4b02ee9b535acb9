import { isLoopbackHttp } from "../shared/call-provider.ts";
import { FunctionError } from "../shared/function-error.ts";
import { exchangeHttp, HttpExchangeError } from "../../net/http-exchange.ts";

const BYTES_MAX = 30_000_000;
const TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** The picture is paid for and its download harmless to repeat, so one more try is worth it. */
const TRIES = 2;

/**
 * Downloads a finished picture: https, or the provider's own origin when that is http on loopback; at most
 * 30 MB and 30 s, no redirect, our key not sent along. Its failures have ran "yes": the picture was made.
 */
export async function downloadResult(
  baseUrl: string,
  address: string,
  signal: AbortSignal,
): Promise<Buffer> {
  const url = checkAddress(baseUrl, address);
  const total = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  for (let tried = 1; ; tried += 1) {
    try {
      return await get(url, total);
    } catch (error) {
      if (tried >= TRIES || total.aborted) throw error;
    }
  }
}

function checkAddress(baseUrl: string, address: string): URL {
  const base = new URL(baseUrl);
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw failure("PROVIDER_ANSWER_INVALID", "is not a URL");
  }
  const isOwnLoopback = isLoopbackHttp(base) && url.origin === base.origin;
  if (url.protocol === "https:" || isOwnLoopback) return url;
  throw failure("PROVIDER_ANSWER_INVALID", "has no https address");
}

async function get(url: URL, signal: AbortSignal): Promise<Buffer> {
  try {
    const answer = await exchangeHttp({
      url,
      method: "GET",
      headers: { Accept: "image/*" },
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      bytesMax: BYTES_MAX,
      signal,
    });
    if (answer.status === 200) return answer.body;
    throw failure("PROVIDER_FAILED", `cannot be downloaded (status ${answer.status})`);
  } catch (error) {
    if (!(error instanceof HttpExchangeError)) throw error;
    if (error.reason === "too-large") {
      throw failure("PROVIDER_ANSWER_INVALID", `is larger than ${BYTES_MAX / 1_000_000} MB`);
    }
    if (error.reason === "timeout") {
      throw failure("PROVIDER_TIMEOUT", "took too long to download");
    }
    throw failure("PROVIDER_FAILED", "cannot be downloaded (the connection failed)");
  }
}

const failure = (
  code: "PROVIDER_FAILED" | "PROVIDER_TIMEOUT" | "PROVIDER_ANSWER_INVALID",
  what: string,
) => new FunctionError(code, `The finished image ${what}.`, { ran: "yes" });
