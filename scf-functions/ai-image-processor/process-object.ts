import type { z } from "zod";
import { variantKey, type VariantName } from "../../core/function-schemas/image-operations.ts";
import type {
  ImageProcessorResult,
  ImageVariant,
  postprocessActionSchema,
  preprocessActionSchema,
} from "../../core/function-schemas/image-processor.ts";
import type { FunctionTools } from "../shared/define-function.ts";
import type { FunctionStore } from "../shared/object-store.ts";
import { PICTURE_TYPES, readResultHeader } from "../shared/picture.ts";
import type { EncodedPicture } from "./encode-picture.ts";
import { PHOTO_NAME } from "./import-picture.ts";
import { readObject } from "./read-object.ts";
import { readMark } from "./watermark/read-mark.ts";
import { reencodePicture } from "./reencode-picture.ts";
import type { Operations } from "../../core/function-schemas/image-operations.ts";
import type { WorkMemory } from "./work-memory.ts";

type ProcessEvent = z.output<typeof preprocessActionSchema | typeof postprocessActionSchema>;
export type ObjectWork = {
  /** How failures call the source. */
  readonly name: string;
  readonly readSource: () => Promise<Buffer>;
  /** Asked only when the result exists already; null when it cannot be known. */
  readonly sourceBytes: () => Promise<number | null>;
  readonly to: string;
  readonly operations: Operations;
  readonly variants: readonly VariantName[];
};
export type MadeObject = {
  readonly image: ImageProcessorResult;
  readonly variants: ImageVariant[];
};

/** Our own results can be larger than what customers may send in: a PNG of 25 MP, for example. */
const RESULT_BYTES_MAX = 200_000_000;
const RESULT_PIXELS_MAX = 8192 * 8192;

/** `preprocess` and `postprocess`: one object from another. */
export async function processObject(
  store: FunctionStore,
  event: ProcessEvent,
  tools: FunctionTools,
): Promise<ImageProcessorResult> {
  const { from, to, operations } = event;
  const made = await makeObject(store, workOnObject(store, from, tools), {
    to,
    operations,
    variants: [],
    tools,
  });
  return made.image;
}

/** A source that is an object of ours. */
export function workOnObject(store: FunctionStore, from: string, tools: FunctionTools) {
  return {
    name: PHOTO_NAME,
    readSource: () => readObject(store, { key: from, name: PHOTO_NAME }, tools.signal),
    sourceBytes: async () => (await store.head(from, tools.signal))?.bytes ?? null,
  };
}

/**
 * Makes `to` and its variants. When all of them exist already their facts are told and nothing is made again,
 * so a repeated call is harmless; `to` is written last, so that its existence speaks for the others.
 */
export async function makeObject(
  store: FunctionStore,
  source: Pick<ObjectWork, "name" | "readSource" | "sourceBytes">,
  target: Pick<ObjectWork, "to" | "operations" | "variants"> & {
    readonly tools: FunctionTools;
    readonly memory?: WorkMemory;
  },
): Promise<MadeObject> {
  const { to, operations, tools } = target;
  const variants = [...new Set(target.variants)];
  const existing = await describeExisting(store, source, { to, variants }, tools);
  if (existing !== null) return existing;

  const markBytes = await readMark(store, operations, tools);
  const bytes = await source.readSource();
  const made = await reencodePicture(bytes, operations, {
    name: source.name,
    timeoutMs: tools.remainingMs(),
    markBytes,
    variants,
    ...(target.memory === undefined ? {} : { memory: target.memory }),
  });
  const copies: ImageVariant[] = [];
  for (const { name, ...copy } of made.variants) {
    copies.push({ name, ...(await write(store, variantKey(to, name), copy, tools)) });
  }
  const facts = await write(store, to, made, tools);
  const image = { ...facts, sourceBytes: bytes.byteLength, report: made.report };
  return { image, variants: copies };
}

async function write(
  store: FunctionStore,
  key: string,
  picture: EncodedPicture,
  tools: FunctionTools,
) {
  const { body, format, width, height } = picture;
  await store.put(key, body, { contentType: PICTURE_TYPES[format].contentType }, tools.signal);
  return { key, width, height, bytes: body.byteLength, format };
}

async function describeExisting(
  store: FunctionStore,
  source: Pick<ObjectWork, "sourceBytes">,
  { to, variants }: { readonly to: string; readonly variants: readonly VariantName[] },
  tools: FunctionTools,
): Promise<MadeObject | null> {
  const facts = await factsOf(store, to, tools);
  if (facts === null) return null;
  const copies: ImageVariant[] = [];
  for (const name of variants) {
    const copy = await factsOf(store, variantKey(to, name), tools);
    if (copy === null) return null;
    copies.push({ name, ...copy });
  }
  // The source may have been deleted since; its size is then not known any more.
  const sourceBytes = (await source.sourceBytes()) || facts.bytes;
  return { image: { ...facts, sourceBytes }, variants: copies };
}

async function factsOf(store: FunctionStore, key: string, tools: FunctionTools) {
  if ((await store.head(key, tools.signal)) === null) return null;
  const made = await store.get(key, RESULT_BYTES_MAX, tools.signal);
  if (made === null) return null;
  const facts = await readResultHeader(made.body, {
    name: PHOTO_NAME,
    timeoutMs: tools.remainingMs(),
    pixelsMax: RESULT_PIXELS_MAX,
  });
  return { key, ...facts, bytes: made.body.byteLength };
}
