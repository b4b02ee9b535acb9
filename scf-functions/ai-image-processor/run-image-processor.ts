import type { z } from "zod";
import type {
  ImageBatchResult,
  imageProcessorEventSchema,
  ImageProcessorResult,
} from "../../core/function-schemas/image-processor.ts";
import type { FunctionTools } from "../shared/define-function.ts";
import type { FunctionStore } from "../shared/object-store.ts";
import { importPicture } from "./import-picture.ts";
import { processBatch } from "./process-batch.ts";
import { processObject } from "./process-object.ts";
import type { AddressRules } from "../../net/source-address.ts";

type Event = z.output<typeof imageProcessorEventSchema>;
export type ImageProcessorDeps = { readonly store: FunctionStore; readonly rules: AddressRules };

/** One image per call, or up to ten by `process`; `preprocess` and `postprocess` differ for the log only. */
export function runImageProcessor(
  deps: ImageProcessorDeps,
  event: Event,
  tools: FunctionTools,
): Promise<ImageProcessorResult | ImageBatchResult> {
  switch (event.action) {
    case "import":
      return importPicture(deps, event, tools);
    case "process":
      return processBatch(deps, event, tools);
    case "preprocess":
    case "postprocess":
      return processObject(deps.store, event, tools);
  }
}
