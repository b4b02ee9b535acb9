/** What a provider answers when it cannot use a picture that was sent along. */
export class ReferenceImageError extends Error {
  override name = "ReferenceImageError";
}

const BYTES_MAX = 10_000_000;
const FETCH_LIMIT_MS = 10_000;
const loopback = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * The bytes of a picture given as `data:image/...;base64,` or as a URL on this machine: the emulator
 * never fetches anything from elsewhere. At most 10 MB.
 */
export async function readReferenceImage(source: string): Promise<Uint8Array> {
  const data = /^data:image\/(?:jpeg|jpg|png|webp);base64,([A-Za-z0-9+/=\s]+)$/.exec(source);
  if (data?.[1] !== undefined) return limited(Buffer.from(data[1], "base64"));
  if (!URL.canParse(source)) throw new ReferenceImageError("not a URL and not a data URI");
  const url = new URL(source);
  if (!/^https?:$/.test(url.protocol) || !loopback.has(url.hostname)) {
    throw new ReferenceImageError(
      `the emulator reads pictures on this machine only, not ${url.host}`,
    );
  }
  const response = await fetch(url, {
    redirect: "error",
    signal: AbortSignal.timeout(FETCH_LIMIT_MS),
  }).catch((error: unknown) => {
    throw new ReferenceImageError(`could not be fetched: ${String(error)}`);
  });
  if (!response.ok) throw new ReferenceImageError(`the address answered ${response.status}`);
  return limited(new Uint8Array(await response.arrayBuffer()));
}

function limited(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) throw new ReferenceImageError("the picture is empty");
  if (bytes.length > BYTES_MAX) throw new ReferenceImageError("the picture is larger than 10 MB");
  return bytes;
}
