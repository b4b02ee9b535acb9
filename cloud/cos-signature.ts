import { createHash, createHmac } from "node:crypto";

export type CosKeys = { readonly secretId: string; readonly secretKey: string };

/**
 * The query that signs a GET of `path` ("/key", not encoded) at `host`, valid for `keyTime` ("start;end" in
 * seconds): the form of the SDK's own presigned URLs (436/7778), made here because the window is fixed.
 */
export function signedGetQuery(
  keys: CosKeys,
  request: { readonly path: string; readonly host: string; readonly keyTime: string },
): string {
  const { path, host, keyTime } = request;
  const format = ["get", path, "", `host=${encodeURIComponent(host)}`, ""].join("\n");
  const toSign = ["sha1", keyTime, sha1(format), ""].join("\n");
  return [
    "q-sign-algorithm=sha1",
    `q-ak=${keys.secretId}`,
    `q-sign-time=${keyTime}`,
    `q-key-time=${keyTime}`,
    "q-header-list=host",
    "q-url-param-list=",
    `q-signature=${sign(keys, keyTime, toSign)}`,
  ].join("&");
}

/** The signature of a POST policy's JSON text (436/14690). */
export function policySignature(keys: CosKeys, keyTime: string, policy: string): string {
  return sign(keys, keyTime, sha1(policy));
}

function sign(keys: CosKeys, keyTime: string, toSign: string): string {
  return hmac(hmac(keys.secretKey, keyTime), toSign);
}

function hmac(key: string, text: string): string {
  return createHmac("sha1", key).update(text).digest("hex");
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}
