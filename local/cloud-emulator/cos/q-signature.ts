import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { CosError } from "./cos-error.ts";
import type { SecretPair } from "../scf/tc3-signature.ts";

export type CosSignedRequest = {
  readonly method: string;
  /** "/key" as it was signed: decoded, without the bucket. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
};

/**
 * Throws the error that COS answers when a request's q-sign signature (436/7778) does not hold: the one of
 * the Authorization header or, when there is none, the one in the query of a presigned URL.
 */
export function checkQSignature(request: CosSignedRequest, keys: SecretPair, nowMs: number): void {
  const fields = signatureFields(request);
  if (fields === null) throw new CosError("AccessDenied", "Access Denied.");
  const field = (name: string): string => fields.get(name) ?? "";
  checkKeyId(field("q-ak"), keys);
  checkKeyTime(field("q-key-time"), nowMs);
  checkKeyTime(field("q-sign-time"), nowMs);

  const headers = lineOf(field("q-header-list"), (name) => headerText(request.headers, name));
  const params = lineOf(field("q-url-param-list"), (name) => paramText(request.query, name));
  const format = [request.method.toLowerCase(), request.path, params, headers, ""].join("\n");
  const toSign = ["sha1", field("q-sign-time"), sha1(format), ""].join("\n");
  checkSignature(field("q-signature"), toSign, { key: keys.secretKey, time: field("q-key-time") });
}

export function checkKeyId(id: string, keys: SecretPair): void {
  if (id === keys.secretId) return;
  throw new CosError("InvalidAccessKeyId", "The Access Key Id you provided does not exist.");
}

/** "start;end" in seconds must hold `nowMs`. */
export function checkKeyTime(keyTime: string, nowMs: number): void {
  const [start, end] = keyTime.split(";").map(Number);
  const now = Math.floor(nowMs / 1000);
  const holds = start !== undefined && end !== undefined && start <= now && now <= end;
  if (!holds) throw new CosError("AccessDenied", "Request has expired");
}

export function checkSignature(
  given: string,
  toSign: string,
  signer: { readonly key: string; readonly time: string },
): void {
  const expected = Buffer.from(hmac(hmac(signer.key, signer.time), toSign));
  const actual = Buffer.from(given);
  if (actual.byteLength === expected.byteLength && timingSafeEqual(actual, expected)) return;
  throw new CosError("SignatureDoesNotMatch", "The Signature you specified is invalid.");
}

export function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}

function signatureFields(request: CosSignedRequest): Map<string, string> | null {
  const header = request.headers.authorization;
  if (header === undefined) {
    return request.query.has("q-signature") ? new Map(request.query) : null;
  }
  const pairs = header.split("&").map((pair): [string, string] => {
    const at = pair.indexOf("=");
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return new Map(pairs);
}

function lineOf(list: string, valueOf: (name: string) => string): string {
  const names = list.split(";").filter(Boolean);
  return names.map((name) => `${name}=${encode(valueOf(decodeURIComponent(name)))}`).join("&");
}

function headerText(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return Array.isArray(value) ? value.join(",") : (value ?? "");
}

function paramText(query: URLSearchParams, name: string): string {
  for (const [key, value] of query) if (key.toLowerCase() === name) return value;
  return "";
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function hmac(key: string, text: string): string {
  return createHmac("sha1", key).update(text).digest("hex");
}
