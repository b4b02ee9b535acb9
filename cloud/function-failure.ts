import { z } from "zod";
import { parseJsonAs } from "../core/resilience/parse-json.ts";

/** The error JSON of a function that failed; `errorMessage` tells it from a function's own answer. */
const failureSchema = z.object({
  statusCode: z.number().int(),
  errorMessage: z.string(),
  stackTrace: z.unknown().optional(),
});

/** The failure that a function's `ErrMsg` or `RetMsg` tells, since documents name both; null when they tell none. */
export function failureIn(texts: {
  readonly errMsg: string;
  readonly retMsg: string;
}): z.infer<typeof failureSchema> | null {
  return parseFailure(texts.errMsg) ?? parseFailure(texts.retMsg);
}

function parseFailure(text: string): z.infer<typeof failureSchema> | null {
  return text.includes("statusCode") ? parseJsonAs(failureSchema, text) : null;
}
