import { createHash } from "node:crypto";
import type { Deps } from "../deps.ts";
import { asDrapeError } from "../model/errors.ts";
import { validationFailed, type FieldFault } from "../model/field-faults.ts";
import { imageSourceOf } from "../model/image-source.ts";
import { photosOf, withAddresses } from "../model/task-photos.ts";
import type { ImageSource, TaskRequest } from "../model/task.ts";
import { parseDataUri, uploadKey, type DataUri } from "../model/uploads.ts";
import type { SentBy } from "./complete-request.ts";

export type ReadRequest = {
  readonly request: TaskRequest;
  readonly sources: readonly ImageSource[];
};

export type SourceDeps = Pick<Deps, "objects"> & {
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
  const reads = eachPhoto(request, sent, (address) => checkAddress(deps, address, sent));
  // Only when every address is allowed: a picture of a refused body would belong to nobody.
  const sources = await Promise.all(reads.map((read) => read()));
  return {
    request: withAddresses(
      request,
      sources.map(({ url }) => url),
    ),
    sources,
  };
}

/** The same checks without storing anything. */
export function checkSources(deps: SourceDeps, request: TaskRequest, sent: SentBy): void {
  eachPhoto(request, sent, (address) => checkAddress(deps, address, sent));
}

/** Throws when it is not allowed; what it gives stores the picture of a `data:` URI. */
function checkAddress(deps: SourceDeps, address: string, sent: SentBy): () => Promise<ImageSource> {
  const picture = parseDataUri(address);
  if (picture === null) {
    const source = sourceOf(deps, address, sent);
    return async () => source;
  }
  return async () => {
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
