import { createHash } from "node:crypto";
import type { z } from "zod";
import {
  type ImageProcessorResult,
  type importActionSchema,
} from "../../core/function-schemas/image-processor.ts";
import type { FunctionTools } from "../shared/define-function.ts";
import { FunctionError } from "../shared/function-error.ts";
import type { FunctionStore } from "../shared/object-store.ts";
import { perceptualHash } from "../shared/perceptual-hash.ts";
import { mendPicture } from "../shared/mend-picture.ts";
import { inspectPicture, PICTURE_TYPES } from "../shared/picture.ts";
import { fetchSource, nameOfUrl } from "./source/fetch-source.ts";
import { readObject } from "./read-object.ts";
import type { AddressRules } from "../../net/source-address.ts";

type ImportEvent = z.output<typeof importActionSchema>;
type ImportDeps = { readonly store: FunctionStore; readonly rules: AddressRules };

/** How failures call an object of ours. */
export const PHOTO_NAME = "The picture";
/** Leaves room for the hash and the extension within a key's 400 characters. */
const PREFIX_LENGTH_MAX = 330;

/**
 * Brings a picture into the store, byte for byte as it came (an end marker that was missing is added), under the hash
 * of its bytes: the same picture twice is one object. It is accepted by its content alone (JPEG, PNG or WebP, one page,
 * within `IMAGE_LIMITS`, decodable to its last row).
 */
export async function importPicture(
  deps: ImportDeps,
  event: ImportEvent,
  tools: FunctionTools,
): Promise<ImageProcessorResult> {
  if (event.toPrefix.length > PREFIX_LENGTH_MAX) {
    throw new FunctionError(
      "EVENT_INVALID",
      `The event is invalid at /toPrefix: at most ${PREFIX_LENGTH_MAX} characters.`,
    );
  }
  const name = "url" in event.source ? nameOfUrl(event.source.url) : PHOTO_NAME;
  const received =
    "url" in event.source
      ? await fetchSource(event.source.url, deps.rules, tools.signal)
      : await readObject(deps.store, { key: event.source.key, name }, tools.signal);

  const facts = await inspectPicture(received, { name, timeoutMs: tools.remainingMs() });
  const { extension, contentType } = PICTURE_TYPES[facts.format];
  // So that who reads it later, a provider for instance, needs no care for a missing end.
  const bytes = mendPicture(received, facts.format);
  const hash = createHash("sha256").update(bytes).digest("hex");
  const key = `${event.toPrefix}${hash}.${extension}`;
  if ((await deps.store.head(key, tools.signal)) === null) {
    await deps.store.put(key, bytes, { contentType }, tools.signal);
  }
  return {
    key,
    ...facts,
    bytes: bytes.byteLength,
    sourceBytes: received.byteLength,
    perceptualHash: await perceptualHash(bytes, tools.remainingMs()),
  };
}
