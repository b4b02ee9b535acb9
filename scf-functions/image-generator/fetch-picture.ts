import { downloadResult } from "./download-result.ts";
import type { FoundPicture } from "./find-picture.ts";

/** The bytes of an answer's picture, fetched when the answer gives an address. Its failures have ran "yes". */
export async function fetchPicture(
  baseUrl: string,
  picture: FoundPicture,
  signal: AbortSignal,
): Promise<Buffer> {
  return "bytes" in picture ? picture.bytes : downloadResult(baseUrl, picture.url, signal);
}
