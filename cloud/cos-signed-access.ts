import { SIGNED_URL_WINDOW_MS, type UploadForm, type UploadRules } from "../core/ports/cloud.ts";
import type { CosAddresses } from "./cos-addresses.ts";
import { policySignature, signedGetQuery, type CosKeys } from "./cos-signature.ts";

const URL_WINDOW_SECONDS = SIGNED_URL_WINDOW_MS / 1_000;
/** The store's clock may be a little behind ours when a window begins. */
const CLOCK_SKEW_SECONDS = 60;
const UPLOAD_SECONDS = 600;

/** A GET URL that is the same for 10 minutes and valid until 20 minutes after the window's start. */
export function signedGetUrl(
  keys: CosKeys,
  addresses: CosAddresses,
  { key, nowMs }: { readonly key: string; readonly nowMs: number },
): string {
  const nowSeconds = Math.floor(nowMs / 1000);
  const start = nowSeconds - (nowSeconds % URL_WINDOW_SECONDS);
  const keyTime = `${start - CLOCK_SKEW_SECONDS};${start + 2 * URL_WINDOW_SECONDS}`;
  const query = signedGetQuery(keys, { path: `/${key}`, host: addresses.host, keyTime });
  return `${addresses.objectUrl(key)}?${query}`;
}

/** A POST policy (436/14690): exactly this key and type, 1 to `maxBytes` bytes, for 10 minutes. */
export function signedUploadForm(
  keys: CosKeys & { readonly bucket: string },
  addresses: CosAddresses,
  { rules, nowMs }: { readonly rules: UploadRules; readonly nowMs: number },
): UploadForm {
  const nowSeconds = Math.floor(nowMs / 1000);
  const expiresAtMs = (nowSeconds + UPLOAD_SECONDS) * 1000;
  const keyTime = `${nowSeconds - CLOCK_SKEW_SECONDS};${nowSeconds + UPLOAD_SECONDS}`;
  const fixed = {
    key: rules.key,
    "Content-Type": rules.contentType,
    success_action_status: "200",
    "q-sign-algorithm": "sha1",
    "q-ak": keys.secretId,
  };
  const conditions = [
    { bucket: keys.bucket },
    ...Object.entries(fixed).map(([name, value]) => ({ [name]: value })),
    { "q-sign-time": keyTime },
    ["content-length-range", 1, rules.maxBytes],
  ];
  const policy = JSON.stringify({ expiration: new Date(expiresAtMs).toISOString(), conditions });
  const fields = {
    ...fixed,
    policy: Buffer.from(policy).toString("base64"),
    "q-key-time": keyTime,
    "q-signature": policySignature(keys, keyTime, policy),
  };
  return { url: addresses.bucketUrl, method: "POST", fields, expiresAtMs };
}
