import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** The key pair that a loopback endpoint knows. */
export type SecretPair = { readonly secretId: string; readonly secretKey: string };

/** A request as it came: `url` and `body` untouched. */
export type RawRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
};

export type ApiError = { readonly code: string; readonly message: string };

const AUTHORIZATION =
  /^TC3-HMAC-SHA256 Credential=([^/]+)\/(\d{4}-\d\d-\d\d)\/([^/]+)\/tc3_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
/** Tencent accepts a clock that is at most 5 minutes off (583/30771). */
const CLOCK_SKEW_MAX_SECONDS = 300;

/**
 * Why Tencent's API gateway would refuse the request's signature (method v3, TC3-HMAC-SHA256), or null.
 * Two habits of the Node SDK: the signed host has no port, and the service is the endpoint's first label.
 */
export function refusalOfTc3(
  request: RawRequest,
  keys: SecretPair,
  nowMs: number,
): ApiError | null {
  const match = AUTHORIZATION.exec(request.headers.authorization ?? "");
  const [, id, date, service, signedHeaders, signature] = match ?? [];
  if (!id || !date || !service || !signedHeaders || !signature) {
    return refused("InvalidAuthorization", "The Authorization header cannot be read.");
  }
  if (id !== keys.secretId) {
    return refused(
      "SecretIdNotFound",
      "The SecretId is not found, please ensure that it is right.",
    );
  }
  const timestamp = headerText(request.headers, "x-tc-timestamp");
  const signedAt = Number(timestamp);
  if (!timestamp || !(Math.abs(nowMs / 1000 - signedAt) <= CLOCK_SKEW_MAX_SECONDS)) {
    return refused("SignatureExpire", "The request's timestamp is more than 5 minutes off.");
  }
  if (new Date(signedAt * 1000).toISOString().slice(0, 10) !== date) {
    return refused("SignatureFailure", "The date of the scope is not the timestamp's date.");
  }
  const names = signedHeaders.split(";");
  if (!names.includes("content-type") || !names.includes("host")) {
    return refused("SignatureFailure", "The headers content-type and host must be signed.");
  }

  const scope = `${date}/${service}/tc3_request`;
  const canonical = canonicalRequest(request, names, signedHeaders);
  const toSign = ["TC3-HMAC-SHA256", timestamp, scope, sha256(canonical)].join("\n");
  const signingKey = hmac(hmac(hmac(`TC3${keys.secretKey}`, date), service), "tc3_request");
  if (!timingSafeEqual(hmac(signingKey, toSign), Buffer.from(signature, "hex"))) {
    return refused("SignatureFailure", "The provided credentials could not be validated.");
  }
  return null;
}

function canonicalRequest(request: RawRequest, names: string[], signedHeaders: string): string {
  const [path = "/", query = ""] = request.url.split("?", 2);
  const headers = names.map((name) => {
    const value = headerText(request.headers, name);
    return `${name}:${name === "host" ? value.replace(/:\d+$/, "") : value}\n`;
  });
  return [request.method, path, query, headers.join(""), signedHeaders, sha256(request.body)].join(
    "\n",
  );
}

function headerText(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return Array.isArray(value) ? value.join(",") : (value ?? "");
}

function refused(code: string, message: string): ApiError {
  return { code: `AuthFailure.${code}`, message };
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}
