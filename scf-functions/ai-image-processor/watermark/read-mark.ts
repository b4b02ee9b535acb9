import type { Operations } from "../../../core/function-schemas/image-operations.ts";
import type { FunctionTools } from "../../shared/define-function.ts";
import type { FunctionStore } from "../../shared/object-store.ts";
import { inspectPicture } from "../../shared/picture.ts";
import { readObject } from "../read-object.ts";

/** How failures call the picture of a watermark. */
export const MARK_NAME = "The watermark's picture";

/**
 * The picture of the watermark's `imageKey`, found whole under the rules of every picture from outside; null without
 * one. Read before the photo, so that a bad mark costs no work.
 */
export async function readMark(
  store: FunctionStore,
  { watermark }: Operations,
  tools: FunctionTools,
): Promise<Buffer | null> {
  if (watermark?.imageKey === undefined) return null;
  const object = { key: watermark.imageKey, name: MARK_NAME };
  const bytes = await readObject(store, object, tools.signal);
  await inspectPicture(bytes, { name: MARK_NAME, timeoutMs: tools.remainingMs() });
  return bytes;
}
