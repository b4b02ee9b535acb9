import { IMAGE_LIMITS } from "../../core/function-schemas/image-processor.ts";
import { FunctionError } from "../shared/function-error.ts";
import type { FunctionStore } from "../shared/object-store.ts";

type NamedObject = {
  readonly key: string;
  /** How failures call it: a key is ours, and says nothing to a customer. */
  readonly name: string;
};

/** An object of ours within the source limits; a missing one is IMAGE_SOURCE_UNREACHABLE, a larger one IMAGE_TOO_LARGE. */
export async function readObject(
  store: FunctionStore,
  { key, name }: NamedObject,
  signal: AbortSignal,
): Promise<Buffer> {
  const megabytes = IMAGE_LIMITS.sourceBytesMax / 1_000_000;
  const object = await store
    .get(key, IMAGE_LIMITS.sourceBytesMax, signal)
    .catch((error: unknown) => {
      if (!(error instanceof FunctionError) || error.code !== "IMAGE_TOO_LARGE") throw error;
      throw new FunctionError("IMAGE_TOO_LARGE", `${name} is larger than ${megabytes} MB.`);
    });
  if (object !== null) return object.body;
  throw new FunctionError("IMAGE_SOURCE_UNREACHABLE", `${name} is not in the store any more.`);
}
