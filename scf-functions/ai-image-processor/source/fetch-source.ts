import { IMAGE_LIMITS } from "../../../core/function-schemas/image-processor.ts";
import { FunctionError } from "../../shared/function-error.ts";
import { exchangeHttp, type HttpAnswer, HttpExchangeError } from "../../../net/http-exchange.ts";
import {
  AddressError,
  type AddressRules,
  type CheckedSource,
  checkSourceUrl,
} from "../../../net/source-address.ts";
import { untilAborted } from "../../shared/until-aborted.ts";

/** How messages call a customer's URL: as they gave it, at most 200 characters. */
export function nameOfUrl(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 199)}…`;
}

const megabytes = IMAGE_LIMITS.sourceBytesMax / 1_000_000;

/**
 * Fetches a customer's URL under the address rules: one GET without cookies or authorization to the
 * checked address, 3 s to connect, 10 s in total (name resolution included), at most 20 MB counted while
 * streaming, redirects not followed. Every failure names the URL as it was given.
 */
export async function fetchSource(
  text: string,
  rules: AddressRules,
  signal: AbortSignal,
): Promise<Buffer> {
  const name = nameOfUrl(text);
  const total = AbortSignal.any([signal, AbortSignal.timeout(IMAGE_LIMITS.fetchTimeoutMs)]);
  // A resolver takes no signal, so the wait is bounded here.
  const source = await untilAborted(check(text, rules, name), total, () =>
    unreachable(name, "its name took too long to resolve"),
  );
  const answer = await get(source, total, name);
  if (answer.status >= 300 && answer.status < 400) {
    throw unreachable(
      name,
      "it redirects to another address, which is not followed; give that one",
    );
  }
  if (answer.status !== 200) throw unreachable(name, `its server answered ${answer.status}`);
  return answer.body;
}

async function check(text: string, rules: AddressRules, name: string): Promise<CheckedSource> {
  try {
    return await checkSourceUrl(text, rules);
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    if (error.kind === "unreachable") throw unreachable(name, error.reason);
    throw new FunctionError("IMAGE_SOURCE_REFUSED", `${name} is refused: ${error.reason}.`);
  }
}

async function get(source: CheckedSource, signal: AbortSignal, name: string): Promise<HttpAnswer> {
  try {
    return await exchangeHttp({
      url: source.url,
      address: source.address,
      method: "GET",
      headers: { Accept: "image/jpeg,image/png,image/webp", "User-Agent": "Drape-Image-Import/1" },
      connectTimeoutMs: IMAGE_LIMITS.connectTimeoutMs,
      bytesMax: IMAGE_LIMITS.sourceBytesMax,
      signal,
    });
  } catch (error) {
    if (!(error instanceof HttpExchangeError)) throw error;
    if (error.reason === "too-large") {
      throw new FunctionError("IMAGE_TOO_LARGE", `${name} is larger than ${megabytes} MB.`);
    }
    throw unreachable(
      name,
      error.reason === "timeout" ? "its server took too long" : "the connection failed",
    );
  }
}

const unreachable = (name: string, reason: string) =>
  new FunctionError("IMAGE_SOURCE_UNREACHABLE", `${name} cannot be read: ${reason}.`);
