import { objectKeySchema } from "../core/function-schemas/function-answer.ts";
import { isLoopbackEndpoint } from "./loopback-endpoint.ts";

/** Where the bucket is on the network. */
export type CosAddresses = {
  /** The header `Host` of its requests. */
  readonly host: string;
  /** The bucket's own URL, where forms are posted. */
  readonly bucketUrl: string;
  objectUrl(key: string): string;
  /** The key of an address of this bucket, signed or not, else null. */
  keyOfUrl(url: string): string | null;
};

/**
 * Real objects are at https://bucket.cos.region.myqcloud.com/key; those of the emulated cloud at
 * http://127.0.0.1:port/bucket/key. Throws when `endpoint` is not this machine.
 */
export function createCosAddresses(config: {
  readonly bucket: string;
  readonly region: string;
  readonly endpoint?: string;
}): CosAddresses {
  const { bucket, region, endpoint } = config;
  if (endpoint !== undefined && !isLoopbackEndpoint(endpoint)) {
    throw new RangeError(`COS_ENDPOINT is for the emulated cloud only, not for ${endpoint}.`);
  }
  const host = endpoint ?? `${bucket}.cos.${region}.myqcloud.com`;
  const base = new URL(endpoint === undefined ? `https://${host}/` : `http://${host}/${bucket}/`);

  return {
    host,
    bucketUrl: base.href,
    objectUrl: (key) => base.href + key.split("/").map(encodeURIComponent).join("/"),
    keyOfUrl(url) {
      if (!URL.canParse(url)) return null;
      // The parser has already lowered the host, dropped the default port and resolved `..`.
      const { origin, username, password, pathname } = new URL(url);
      if (origin !== base.origin || username !== "" || password !== "") return null;
      if (!pathname.startsWith(base.pathname)) return null;
      return validKey(pathname.slice(base.pathname.length));
    },
  };
}

/** A key of ours; an encoded `..` or slash trick is none. */
function validKey(encoded: string): string | null {
  try {
    return objectKeySchema.safeParse(decodeURIComponent(encoded)).data ?? null;
  } catch {
    return null;
  }
}
