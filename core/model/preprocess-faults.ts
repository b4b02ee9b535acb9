import { z } from "zod";
import { undrawableLetters } from "../function-schemas/drawable-text.ts";
import { operationsSchema } from "../function-schemas/image-operations.ts";
import { outputFault, resultPixelsMax } from "../function-schemas/output-limits.ts";
import type { FieldFault } from "./field-faults.ts";
import { faultsOfIssues } from "./faults-of-issues.ts";
import {
  planPreprocess,
  preprocessOptionsSchema,
  type PreprocessOptions,
  type PreprocessPlan,
} from "./preprocess-options.ts";

/**
 * What is wrong with options before any photo is read, by pointers into the options. What depends on the photo the
 * function says, as IMAGE_OPERATION_INVALID. Checked at a create alone, so that what was accepted once goes on.
 */
export function preprocessFaults(options: PreprocessOptions): FieldFault[] {
  let plan: PreprocessPlan;
  try {
    plan = planPreprocess(preprocessOptionsSchema.parse(options));
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    return faultsOfIssues(error.issues);
  }
  return [...sizeFaults(plan), ...letterFaults(options)];
}

/** A size that is exactly what comes out, whatever the photo is; smaller photos else stay small. */
function sizeFaults(plan: PreprocessPlan): FieldFault[] {
  const operations = operationsSchema.parse(plan.operations);
  const { width, height, mode, enlarge } = operations.resize ?? {};
  if (width === undefined || height === undefined) return [];
  const isExact = mode === "contain" || (enlarge === true && (mode === "fill" || mode === "cover"));
  const pixelsMax = resultPixelsMax(operations, plan.variants, 0);
  const detail = isExact ? outputFault({ width, height }, operations.format, pixelsMax) : null;
  return detail === null ? [] : [{ pointer: "/resize/width", code: "TOO_BIG", detail }];
}

function letterFaults({ watermark }: PreprocessOptions): FieldFault[] {
  const text = typeof watermark === "string" ? watermark : watermark?.text;
  if (text === undefined) return [];
  const letters = undrawableLetters(text);
  if (letters.length === 0) return [];
  const pointer = typeof watermark === "string" ? "/watermark" : "/watermark/text";
  const detail = `these letters cannot be drawn: ${letters.join(", ")}; use Chinese and Latin letters, digits and their marks`;
  return [{ pointer, code: "NOT_DRAWABLE", detail }];
}
