import { availableParallelism } from "node:os";
import type { z } from "zod";
import type {
  BatchItem,
  batchImageSchema,
  ImageBatchResult,
  processActionSchema,
} from "../../core/function-schemas/image-processor.ts";
import type { FunctionTools } from "../shared/define-function.ts";
import { FunctionError, toFailure } from "../shared/function-error.ts";
import type { FunctionStore } from "../shared/object-store.ts";
import { fetchSource, nameOfUrl } from "./source/fetch-source.ts";
import { makeObject, workOnObject } from "./process-object.ts";
import type { AddressRules } from "../../net/source-address.ts";
import { createWorkMemory, type WorkMemory } from "./work-memory.ts";

type BatchImage = z.output<typeof batchImageSchema>;
type BatchDeps = { readonly store: FunctionStore; readonly rules: AddressRules };

/** More at a time than cores only adds memory. */
const AT_A_TIME_MAX = 2;

/**
 * `process`: up to ten pictures, as many at a time as there are cores, at most two, and as fit into the memory. Each has its own outcome in
 * the event's order: a bad one fails alone. What does not come to its turn in time is FUNCTION_TIMEOUT, and a
 * repeated call goes on where this one ended, since keys that exist are kept.
 */
export async function processBatch(
  deps: BatchDeps,
  event: z.output<typeof processActionSchema>,
  tools: FunctionTools,
): Promise<ImageBatchResult> {
  const items: BatchItem[] = [];
  const queue = event.images.entries();
  const shared = { tools, memory: createWorkMemory() };
  const worker = async () => {
    // One iterator for all workers: each takes the next picture.
    for (const [index, image] of queue) items[index] = await processItem(deps, image, shared);
  };
  const workers = Math.min(availableParallelism(), AT_A_TIME_MAX);
  await Promise.all(Array.from({ length: workers }, worker));
  return { items };
}

async function processItem(
  deps: BatchDeps,
  image: BatchImage,
  { tools, memory }: { readonly tools: FunctionTools; readonly memory: WorkMemory },
): Promise<BatchItem> {
  try {
    if (tools.remainingMs() <= 0) {
      throw new FunctionError("FUNCTION_TIMEOUT", "There was no time left for the picture.");
    }
    const made = await makeObject(deps.store, sourceOf(deps, image, tools), {
      ...image,
      tools,
      memory,
    });
    return { ok: true, ...made };
  } catch (error) {
    // A fault of ours is no picture's fault: it fails the call, loudly.
    if (!(error instanceof FunctionError)) throw error;
    return { ok: false, failure: toFailure(error) };
  }
}

function sourceOf(deps: BatchDeps, { from, source }: BatchImage, tools: FunctionTools) {
  if (source !== undefined && "url" in source) {
    const { url } = source;
    return {
      name: nameOfUrl(url),
      readSource: () => fetchSource(url, deps.rules, tools.signal),
      sourceBytes: () => Promise.resolve(null),
    };
  }
  return workOnObject(deps.store, from ?? source?.key ?? "", tools);
}
