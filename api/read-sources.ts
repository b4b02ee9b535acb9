import { asDrapeError } from "../core/model/errors.ts";
import { imageSourceOf } from "../core/model/image-source.ts";
import type { ImageSource, TaskRequest } from "../core/model/task.ts";
import { photosOf, withAddresses } from "../core/model/task-photos.ts";
import type { ApiDeps } from "./context.ts";
import { parseDataUri, storePicture } from "./uploads.ts";
import { validationFailed, type FieldFault } from "./validate.ts";

export type ReadRequest = {
  readonly request: TaskRequest;
  readonly sources: readonly ImageSource[];
};

type Place = { readonly at: string; readonly userId: string };
type SourceDeps = Pick<ApiDeps, "objects" | "allowHttpHosts">;

/** Faults of an address that are told with its place. */
const TOLD = new Set(["IMAGE_SOURCE_REFUSED", "IMAGE_UNREADABLE", "NOT_FOUND"]);

/**
 * Where the photos of a request are; the pictures of `data:` URIs go to the object store, so that a task holds addresses
 * only. Throws VALIDATION_FAILED with every address that is not allowed.
 */
export async function readSources(
  deps: SourceDeps,
  request: TaskRequest,
  place: Place,
): Promise<ReadRequest> {
  const reads = eachPhoto(request, place, (address) => checkAddress(deps, address, place));
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
export function checkSources(deps: SourceDeps, request: TaskRequest, place: Place): void {
  eachPhoto(request, place, (address) => checkAddress(deps, address, place));
}

/** Throws when it is not allowed; what it gives stores the picture of a `data:` URI. */
function checkAddress(deps: SourceDeps, address: string, place: Place): () => Promise<ImageSource> {
  const picture = parseDataUri(address);
  if (picture === null) {
    const source = sourceOf(deps, address, place);
    return async () => source;
  }
  return async () => {
    const stored = await storePicture(picture, deps.objects, place.userId);
    return sourceOf(deps, stored, place);
  };
}

function sourceOf({ objects, allowHttpHosts }: SourceDeps, address: string, { userId }: Place) {
  return imageSourceOf(address, objects, { userId, allowHttpHosts });
}

function eachPhoto<T>(request: TaskRequest, { at }: Place, read: (address: string) => T): T[] {
  const faults: FieldFault[] = [];
  const results: T[] = [];
  for (const { address, pointer } of photosOf(request)) {
    try {
      results.push(read(address));
    } catch (thrown) {
      const { code, message } = asDrapeError(thrown);
      if (!TOLD.has(code)) throw thrown;
      faults.push({ pointer: `${at}${pointer}`, code, detail: message });
    }
  }
  if (faults.length > 0) throw validationFailed(faults);
  return results;
}
