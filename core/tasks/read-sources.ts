import { createHash } from "node:crypto";
import type { Deps } from "../deps.ts";
import { asDrapeError } from "../model/errors.ts";
import { validationFailed, type FieldFault } from "../model/field-faults.ts";
import { imageSourceOf } from "../model/image-source.ts";
import { photosOf, withAddresses } from "../model/task-photos.ts";
import type { ImageSource, TaskRequest } from "../model/task.ts";
import { isDataUri, parseDataUri, uploadKey, type DataUri } from "../model/uploads.ts";
import { admitUploadBytes } from "./upload-limits.ts";
import type { SentBy } from "./complete-request.ts";

export type ReadRequest = {
  readonly request: TaskRequest;
  readonly sources: readonly ImageSource[];
};

export type SourceDeps = Pick<Deps, "objects" | "rateLimiter" | "settings"> & {
  /** `host:port` pairs whose plain http images may be read; empty in production. */
  readonly allowHttpHosts: readonly string[];
};

/** Faults of an address that are reported with its position. */
const REPORTED = new Set(["IMAGE_SOURCE_REFUSED", "IMAGE_UNREADABLE", "NOT_FOUND"]);

/**
 * Where the photos of a request are; the pictures of `data:` URIs go to the object store, so that a task holds addresses
 * only. Throws VALIDATION_FAILED with every address that is not allowed.
 */
export async function readSources(
  deps: SourceDeps,
  request: TaskRequest,
  sent: SentBy,
): Promise<ReadRequest> {
  const reads = checkRequest(deps, request, sent);
  // Only when every address is allowed: a picture of a refused body would belong to nobody.
  const sources = await Promise.all(reads.map((read) => read()));
  const addresses = sources.map(({ url }) => url);
  return { request: withAddresses(request, addresses), sources };
}

/** The same checks without storing anything. */
export function checkSources(deps: SourceDeps, request: TaskRequest, sent: SentBy): void {
  checkRequest(deps, request, sent);
}

/** What may be kept of a request in its task's row, and be shown in every list: all but the pictures in it. */
export const INPUT_BYTES_MAX = 100_000;

type StorePicture = () => Promise<ImageSource>;

function checkRequest(deps: SourceDeps, request: TaskRequest, sent: SentBy): StorePicture[] {
  const reads = eachPhoto(request, sent, (address) => checkAddress(deps, address, sent));
  const kept = photosOf(request).map(({ address }) => (isDataUri(address) ? "" : address));
  const bytes = Buffer.byteLength(JSON.stringify(withAddresses(request, kept).input));
  if (bytes > INPUT_BYTES_MAX) {
    const detail = `without pictures it has ${bytes} bytes and may have ${INPUT_BYTES_MAX}: upload the photos first (POST /api/v1/uploads) and send their objectUrls`;
    throw validationFailed([{ pointer: sent.at, code: "TOO_BIG", detail }]);
  }
  return reads;
}

/** Throws when it is not allowed; what it gives stores the picture of a `data:` URI. */
function checkAddress(deps: SourceDeps, address: string, sent: SentBy): StorePicture {
  const picture = parseDataUri(address);
  if (picture === null) {
    const source = sourceOf(deps, address, sent);
    return async () => source;
  }
  return async () => {
    await admitUploadBytes(deps, sent.userId, bytesOf(picture));
    const stored = await storePicture(picture, deps.objects, sent.userId);
    return sourceOf(deps, stored, sent);
  };
}

function sourceOf({ objects, allowHttpHosts }: SourceDeps, address: string, { userId }: SentBy) {
  return imageSourceOf(address, objects, { userId, allowHttpHosts });
}

function eachPhoto<T>(request: TaskRequest, { at }: SentBy, read: (address: string) => T): T[] {
  const faults: FieldFault[] = [];
  const results: T[] = [];
  for (const { address, pointer } of photosOf(request)) {
    try {
      results.push(read(address));
    } catch (thrown) {
      const { code, message } = asDrapeError(thrown);
      if (!REPORTED.has(code)) throw thrown;
      faults.push({ pointer: `${at}${pointer}`, code, detail: message });
    }
  }
  if (faults.length > 0) throw validationFailed(faults);
  return results;
}

function bytesOf({ base64 }: DataUri): number {
  return Math.floor((base64.length * 3) / 4);
}

/** Puts the picture of a `data:` URI into the store and gives its address. */
async function storePicture(
  { contentType, base64 }: DataUri,
  objects: Deps["objects"],
  userId: string,
): Promise<string> {
  const bytes = Buffer.from(base64, "base64");
  const name = createHash("sha256").update(bytes).digest("hex");
  const key = uploadKey(userId, name, contentType);
  await objects.put(key, bytes, contentType);
  return objects.objectUrl(key);
}
