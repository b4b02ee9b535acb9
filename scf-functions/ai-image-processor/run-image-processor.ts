import type { z } from "zod";
import type {
  imageProcessorEventSchema,
  ImageProcessorResult,
} from "../../core/contracts/image-processor.ts";
import type { FunctionTools } from "../define-function.ts";
import type { FunctionStore } from "../object-store.ts";
import { importPicture } from "./import-picture.ts";
import { processObject } from "./process-object.ts";
import type { AddressRules } from "./source-address.ts";

type Event = z.output<typeof imageProcessorEventSchema>;
export type ImageProcessorDeps = { readonly store: FunctionStore; readonly rules: AddressRules };

/** One image per call; `preprocess` and `postprocess` differ for the log and the caller only. */
export function runImageProcessor(
  deps: ImageProcessorDeps,
  event: Event,
  tools: FunctionTools,
): Promise<ImageProcessorResult> {
  return event.action === "import"
    ? importPicture(deps, event, tools)
    : processObject(deps.store, event, tools);
}
