import { asDrapeError } from "../core/errors.ts";
import { imageSourceOf } from "../core/image-source.ts";
import type { ImageSource, TaskWish } from "../core/task.ts";
import { photosOf, withAddresses } from "../core/wish-sources.ts";
import type { ApiDeps } from "./context.ts";
import { parseDataUri, storeDataUri } from "./data-uri.ts";
import { validationFailed, type FieldFault } from "./validate.ts";

export type ReadWish = { readonly wish: TaskWish; readonly sources: readonly ImageSource[] };

type Place = { readonly at: string; readonly userId: string };
type SourceDeps = Pick<ApiDeps, "objects" | "allowHttpHosts">;

/** Faults of an address that are told with its place. */
const TOLD = new Set(["IMAGE_SOURCE_REFUSED", "IMAGE_UNREADABLE", "NOT_FOUND"]);

/**
 * Where the photos of a wish are; the pictures of `data:` URIs go to the object store, so that a task holds addresses
 * only. Throws VALIDATION_FAILED with every address that is not allowed.
 */
export async function readSources(
  deps: SourceDeps,
  wish: TaskWish,
  place: Place,
): Promise<ReadWish> {
  const sources = await eachPhoto(wish, place, async (address) => {
    const stored = await storeDataUri(address, deps.objects, place.userId);
    return sourceOf(deps, stored, place);
  });
  return {
    wish: withAddresses(
      wish,
      sources.map(({ url }) => url),
    ),
    sources,
  };
}

/** The same checks without storing anything. */
export async function checkSources(deps: SourceDeps, wish: TaskWish, place: Place): Promise<void> {
  await eachPhoto(wish, place, async (address) => {
    if (parseDataUri(address) === null) sourceOf(deps, address, place);
  });
}

function sourceOf({ objects, allowHttpHosts }: SourceDeps, address: string, { userId }: Place) {
  return imageSourceOf(address, objects, { userId, allowHttpHosts });
}

async function eachPhoto<T>(
  wish: TaskWish,
  { at }: Place,
  read: (address: string) => Promise<T>,
): Promise<T[]> {
  const faults: FieldFault[] = [];
  const results: T[] = [];
  for (const { address, pointer } of photosOf(wish)) {
    try {
      results.push(await read(address));
    } catch (thrown) {
      const { code, message } = asDrapeError(thrown);
      if (!TOLD.has(code)) throw thrown;
      faults.push({ pointer: `${at}${pointer}`, code, detail: message });
    }
  }
  if (faults.length > 0) throw validationFailed(faults);
  return results;
}
