import type { VariantName } from "../../core/function-schemas/image-operations.ts";
import {
  encodeMegabytes,
  OUTPUT_LIMITS,
  outputFault,
  resultPixelsMax,
} from "../../core/function-schemas/output-limits.ts";
import { FunctionError } from "../shared/function-error.ts";
import type { PictureFacts } from "../shared/picture.ts";
import { outputSize, type Size } from "./output-size.ts";
import type { Operations } from "../../core/function-schemas/image-operations.ts";
import { decodeMegabytes } from "./work-memory.ts";

export type OutputPlan = {
  /** What the result is fitted into, since its format or our memory takes no more; null when it fits as it is. */
  readonly box: Size | null;
  /** About as many as there will be. */
  readonly pixels: number;
  readonly megabytes: number;
};

/**
 * How large the result becomes and what it takes, before any pixel is read. A size that was asked for and cannot be is
 * IMAGE_OPERATION_INVALID; a photo that is too large for its new format is made smaller, and the report says so.
 */
export function planOutput(
  bytes: Buffer,
  facts: PictureFacts,
  operations: Operations,
  variants: readonly VariantName[],
): OutputPlan {
  const size = outputSize(facts, operations);
  const decode = decodeMegabytes(bytes, facts.format, facts);
  const pixelsMax = resultPixelsMax(operations, variants, decode);
  refuseRequestedSize(size, operations, pixelsMax);
  const { sideMax } = OUTPUT_LIMITS[operations.format];
  const scale = Math.min(
    1,
    sideMax / Math.max(size.width, size.height),
    Math.sqrt(pixelsMax / (size.width * size.height)),
  );
  const box = {
    width: Math.min(sideMax, Math.ceil(size.width * scale)),
    height: Math.min(sideMax, Math.ceil(size.height * scale)),
  };
  const result = scale < 1 ? box : size;
  return {
    box: scale < 1 ? box : null,
    pixels: result.width * result.height,
    megabytes: decode + encodeMegabytes(result, operations, variants),
  };
}

function refuseRequestedSize(size: Size, { resize, format }: Operations, pixelsMax: number): void {
  if (resize === undefined || !(resize.enlarge || resize.mode === "contain")) return;
  const fault = outputFault(size, format, pixelsMax);
  if (fault === null) return;
  throw new FunctionError("IMAGE_OPERATION_INVALID", `/options/resize cannot be done: ${fault}.`);
}
