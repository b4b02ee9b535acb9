import { createHash } from "node:crypto";
import type { z } from "zod";
import {
  IMAGE_LIMITS,
  type ImageProcessorResult,
  type importActionSchema,
} from "../../core/function-schemas/image-processor.ts";
import type { FunctionTools } from "../shared/define-function.ts";
import { FunctionError } from "../shared/function-error.ts";
import type { FunctionStore } from "../shared/object-store.ts";
import { perceptualHash } from "../shared/perceptual-hash.ts";
import { inspectPicture, PICTURE_TYPES } from "../shared/picture.ts";
import { fetchSource, nameOfUrl } from "./source/fetch-source.ts";
import type { AddressRules } from "../../net/source-address.ts";

type ImportEvent = z.output<typeof importActionSchema>;
type ImportDeps = { readonly store: FunctionStore; readonly rules: AddressRules };

/** Leaves room for the hash and the extension within a key's 400 characters. */
const PREFIX_LENGTH_MAX = 330;

/**
 * Brings a picture into the store, byte for byte as it came, under the hash of its bytes: the same picture
 * twice is one object. It is accepted by its content alone (JPEG, PNG or WebP, one page, at most 20 MB and
 * 25 MP, decodable to its last row).
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
  const name = "url" in event.source ? nameOfUrl(event.source.url) : event.source.key;
  const bytes =
    "url" in event.source
      ? await fetchSource(event.source.url, deps.rules, tools.signal)
      : await readObject(deps.store, event.source.key, tools.signal);

  const facts = await inspectPicture(bytes, { name, timeoutMs: tools.remainingMs() });
  const { extension, contentType } = PICTURE_TYPES[facts.format];
  const hash = createHash("sha256").update(bytes).digest("hex");
  const key = `${event.toPrefix}${hash}.${extension}`;
  if ((await deps.store.head(key, tools.signal)) === null) {
    await deps.store.put(key, bytes, { contentType }, tools.signal);
  }
  return {
    key,
    ...facts,
    bytes: bytes.byteLength,
    sourceBytes: bytes.byteLength,
    perceptualHash: await perceptualHash(bytes, tools.remainingMs()),
  };
}

/** An object of ours within the source limits; a missing one is IMAGE_SOURCE_UNREACHABLE. */
export async function readObject(
  store: FunctionStore,
  key: string,
  signal: AbortSignal,
): Promise<Buffer> {
  const object = await store.get(key, IMAGE_LIMITS.sourceBytesMax, signal);
  if (object !== null) return object.body;
  throw new FunctionError("IMAGE_SOURCE_UNREACHABLE", `There is no object ${key}.`);
}
