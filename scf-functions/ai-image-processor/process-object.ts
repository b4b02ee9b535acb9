import type { z } from "zod";
import type {
  ImageProcessorResult,
  postprocessActionSchema,
  preprocessActionSchema,
} from "../../core/contracts/image-processor.ts";
import type { FunctionTools } from "../define-function.ts";
import type { FunctionStore } from "../object-store.ts";
import { PICTURE_TYPES, readPictureHeader } from "../picture.ts";
import { readObject } from "./import-picture.ts";
import { reencodePicture } from "./reencode-picture.ts";

type ProcessEvent = z.output<typeof preprocessActionSchema | typeof postprocessActionSchema>;

/** Our own results can be larger than what customers may send in: a PNG of 25 MP, for example. */
const RESULT_BYTES_MAX = 200_000_000;
const RESULT_PIXELS_MAX = 8192 * 8192;

/**
 * Makes `to` from `from`; when `to` exists already its facts are told and nothing is made again, so a
 * repeated call is harmless.
 */
export async function processObject(
  store: FunctionStore,
  event: ProcessEvent,
  tools: FunctionTools,
): Promise<ImageProcessorResult> {
  const existing = await describeExisting(store, event, tools);
  if (existing !== null) return existing;

  const source = await readObject(store, event.from, tools.signal);
  const { body, ...facts } = await reencodePicture(source, event.operations, {
    name: event.from,
    timeoutMs: tools.remainingMs(),
  });
  const { contentType } = PICTURE_TYPES[facts.format];
  await store.put(event.to, body, { contentType }, tools.signal);
  return { key: event.to, ...facts, bytes: body.byteLength, sourceBytes: source.byteLength };
}

async function describeExisting(
  store: FunctionStore,
  event: ProcessEvent,
  tools: FunctionTools,
): Promise<ImageProcessorResult | null> {
  if ((await store.head(event.to, tools.signal)) === null) return null;
  const made = await store.get(event.to, RESULT_BYTES_MAX, tools.signal);
  if (made === null) return null;
  const naming = {
    name: event.to,
    timeoutMs: tools.remainingMs(),
    pixelsMax: RESULT_PIXELS_MAX,
  };
  const facts = await readPictureHeader(made.body, naming);
  const from = await store.head(event.from, tools.signal);
  const bytes = made.body.byteLength;
  // The source may have been deleted since; its size is then not known any more.
  return { key: event.to, ...facts, bytes, sourceBytes: from?.bytes || bytes };
}
